import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { operationServer, references, to } from './support.ts';

const { api, put, bundle, pages, refusal } = operationServer();

/** Patients of the whole server; more than one group (PATIENTS_PER_GROUP is 50). */
const PATIENTS = 120;

beforeAll(async () => {
  await put('Practitioner/eve');
  await put('Practitioner/adam');
  await put('Patient/long');
  for (let i = 0; i < 12; i++) {
    await put(`Observation/o${i}`, {
      status: 'final',
      code: { text: 'o' },
      subject: to('Patient/long'),
      performer: [to(i < 6 ? 'Practitioner/eve' : 'Practitioner/adam')],
    });
    await put(`Encounter/e${i}`, { status: 'planned', class: { code: 'AMB' }, subject: to('Patient/long') });
  }
});

const numbered = (name: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${name}${from + i}`);
const ALL = ['Patient/long', ...numbered('Encounter/e', 0, 12), ...numbered('Observation/o', 0, 12)];

describe('pages of one record', () => {
  test.each([1, 5, 12, 13, 24, 25, 26])('_count=%d', async (count) => {
    const found = await pages(`/Patient/long/$everything?_count=${count}`);
    const matches = found.map((page) => references(page, 'match'));
    expect(matches.flat()).toEqual(ALL);
    expect(matches.slice(0, -1).every((page) => page.length === count)).toBe(true);
    expect(found.length).toBe(Math.ceil(ALL.length / count));
    for (const page of found) {
      const wanted = new Set(
        references(page, 'match')
          .filter((one) => one.startsWith('Observation'))
          .map((one) =>
            Number(one.slice('Observation/o'.length)) < 6 ? 'Practitioner/eve' : 'Practitioner/adam',
          ),
      );
      expect(references(page, 'include').sort()).toEqual([...wanted].sort());
    }
  });

  test('pages go on while others write', async () => {
    const first = await bundle('/Patient/long/$everything?_count=10');
    await put('Encounter/e3', { status: 'finished', class: { code: 'AMB' }, subject: to('Patient/long') });
    await put('Condition/new', { subject: to('Patient/long') });
    await api().delete('/Condition/new').expect(204);
    const next = first.link.find(({ relation }) => relation === 'next')!.url;
    const rest = await pages(next);
    expect([first, ...rest].flatMap((page) => references(page, 'match'))).toEqual(ALL);
  });

  test('a next link is for its own query only', async () => {
    const first = await bundle('/Patient/long/$everything?_count=10&_type=Encounter');
    const page = new URL(first.link.find(({ relation }) => relation === 'next')!.url).searchParams.get(
      '_page',
    );
    const damaged = 'The page link is damaged, expired or of another query';
    expect(await refusal(`/Patient/long/$everything?_page=${page}`, 400)).toContain(damaged);
    await put('Patient/other');
    expect(await refusal(`/Patient/other/$everything?_type=Encounter&_page=${page}`, 400)).toContain(damaged);
    const rest = await bundle(`/Patient/long/$everything?_type=Encounter&_page=${page}&_count=100`);
    expect(references(rest, 'match')).toEqual(['Encounter/e10', 'Encounter/e11']);
  });

  test('what is only referred to is found on the page that refers to it', async () => {
    const found = await pages('/Patient/long/$everything?_count=5&_type=Practitioner,Encounter');
    expect(found.map((page) => references(page, 'match').length)).toEqual([5, 5, 2]);
    expect(found.flatMap((page) => references(page, 'include')).sort()).toEqual([
      'Practitioner/adam',
      'Practitioner/eve',
    ]);
  });
});

/** A moment after all writes so far and before all that follow. */
async function pause(): Promise<string> {
  await put('Basic/marker', { code: { text: 'now' } });
  const { body } = await api().get('/Basic/marker').expect(200);
  const moment = Date.parse(body.meta.lastUpdated) + 1;
  while (Date.now() <= moment) await sleep(1);
  return new Date(moment).toISOString();
}

describe('_since', () => {
  test('only what was written since, and what changed although what refers to it did not', async () => {
    const path = `/Patient/long/$everything?_since=${await pause()}`;
    expect((await bundle(path)).entry).toBeUndefined();

    await put('Encounter/e7', { status: 'finished', class: { code: 'AMB' }, subject: to('Patient/long') });
    await put('Practitioner/eve', { active: true });
    const changed = await bundle(path);
    expect(references(changed, 'match')).toEqual(['Encounter/e7']);
    expect(references(changed, 'include')).toEqual(['Practitioner/eve']);
    expect(references(await bundle(`${path}&_type=Practitioner`), 'include')).toEqual(['Practitioner/eve']);
    expect((await bundle(`${path}&_type=Observation`)).entry).toBeUndefined();
    expect((await bundle(`/Patient/long/$everything?_since=${await pause()}`)).entry).toBeUndefined();
  });

  test('its own time is included', async () => {
    const { body } = await api().get('/Encounter/e7').expect(200);
    const path = `/Patient/long/$everything?_type=Encounter&_since=${body.meta.lastUpdated}`;
    expect(references(await bundle(path), 'match')).toEqual(['Encounter/e7']);
  });

  test('asking again from the time of the answer misses nothing', async () => {
    const before = await bundle('/Patient/long/$everything?_type=Encounter');
    await put('Encounter/e8', { status: 'finished', class: { code: 'AMB' }, subject: to('Patient/long') });
    const path = `/Patient/long/$everything?_type=Encounter&_since=${before.meta!.lastUpdated}`;
    expect(references(await bundle(path), 'match')).toContain('Encounter/e8');
  });

  test('the Date of the answer is the time to ask from, on all pages that of the first', async () => {
    const { headers, body } = await api().get('/Patient/long/$everything?_count=20').expect(200);
    expect(new Date(headers.date!).getTime()).toBe(
      Math.floor(Date.parse(body.meta.lastUpdated) / 1000) * 1000,
    );
    const next = await bundle(body.link.find((one: { relation: string }) => one.relation === 'next').url);
    expect(next.meta).toEqual(body.meta);
  });
});

describe('Patient/$everything', () => {
  beforeAll(async () => {
    const observed = { status: 'final', code: { text: 'o' } };
    await Promise.all(
      numbered('p', 0, PATIENTS).map(async (id) => {
        await put(`Patient/${id}`);
        await put(`Observation/of-${id}`, { ...observed, subject: to(`Patient/${id}`) });
      }),
    );
  });

  test.each([1000, 30])(
    'every patient with all that belongs to them, each once (_count=%d)',
    async (count) => {
      const found = await pages(`/Patient/$everything?_count=${count}`);
      const matches = found.flatMap((page) => references(page, 'match'));
      const expected = [
        ...ALL,
        'Patient/other',
        ...numbered('Patient/p', 0, PATIENTS),
        ...numbered('Observation/of-p', 0, PATIENTS),
      ];
      expect(matches.length).toBe(expected.length);
      expect([...matches].sort()).toEqual([...expected].sort());
      expect(found.every((page) => (page.entry ?? []).length > 0)).toBe(true);
    },
  );

  test('patients who are gone meanwhile end nothing', async () => {
    const path = `/Patient/$everything?_type=Patient&_count=10`;
    const first = await bundle(path);
    for (let i = 20; i < 50; i++) await api().delete(`/Patient/p${i}`).expect(204);
    const rest = await pages(first.link.find(({ relation }) => relation === 'next')!.url);
    const left = [...numbered('Patient/p', 0, 20), ...numbered('Patient/p', 50, PATIENTS)];
    const seen = [first, ...rest].flatMap((page) => references(page, 'match'));
    expect([...seen].sort()).toEqual(['Patient/long', 'Patient/other', ...left].sort());
  });

  test('none of a type is one empty answer', async () => {
    const found = await pages('/Patient/$everything?_type=Claim');
    expect(found.flatMap((page) => page.entry ?? [])).toEqual([]);
    expect(found.length).toBe(1);
  });
});
