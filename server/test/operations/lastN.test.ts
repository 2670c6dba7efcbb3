import { beforeAll, describe, expect, test } from '@jest/globals';
import { operationServer, references, to } from './support.ts';

const { put, bundle, pages, refusal, post } = operationServer();

const code = (...codes: string[]) => ({ coding: codes.map((one) => ({ system: 'urn:s', code: one })) });
const observe = (id: string, members: object) =>
  put(`Observation/${id}`, {
    status: 'final',
    subject: to('Patient/ann'),
    category: [code('lab')],
    ...members,
  });
const day = (day: number) => ({ effectiveDateTime: `2024-03-${String(day).padStart(2, '0')}` });
const ids = async (query: string) =>
  references(await bundle(`/Observation/$lastn?${query}`), 'match').map((one) => one.split('/')[1]);

beforeAll(async () => {
  await put('Patient/ann');
  await put('Patient/bob');
  await observe('a1', { code: code('a'), ...day(1) });
  await observe('a2', { code: code('a'), ...day(2) });
  await observe('a3', { code: code('a', 'other'), ...day(3) });
  await observe('b1', { code: code('b'), ...day(4) });
  await observe('b2', { code: code('b'), ...day(4), status: 'entered-in-error' });
  await observe('c1', { code: { text: 'free' } });
  await observe('c2', { code: { text: 'free' } });
  await observe('vital', { code: code('a'), ...day(9), category: [code('vital')] });
  await observe('period', { code: code('p'), effectivePeriod: { start: '2024-03-01', end: '2024-03-20' } });
  await observe('bobs', { code: code('a'), ...day(20), subject: to('Patient/bob') });
});

describe('$lastn', () => {
  test.each([
    ['patient=ann&category=lab', ['period', 'b1', 'b2', 'a3', 'c2']],
    ['subject=Patient/ann&category=urn:s|lab', ['period', 'b1', 'b2', 'a3', 'c2']],
    ['patient=ann&category=lab&max=2', ['period', 'b1', 'b2', 'a3', 'a2', 'c2', 'c1']],
    ['patient=ann&category=lab&max=100', ['period', 'b1', 'b2', 'a3', 'a2', 'a1', 'c2', 'c1']],
    ['patient=ann&category=lab,vital', ['period', 'vital', 'b1', 'b2', 'c2']],
    ['patient=ann&code=a', ['vital']],
    ['patient=ann&code=a&category=lab', ['a3']],
    ['patient=ann&code=a&date=le2024-03-02', ['a2']],
    ['patient=ann&code=b&status=final', ['b1']],
    ['patient=ann,bob&code=a', ['bobs']],
    ['patient=ann&code=nothing', []],
    ['patient=nobody&category=lab', []],
    ['patient=ann&combo-code=urn:s|b&status:not=entered-in-error', ['b1']],
  ])('%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test('codes are joined by an observation that has both', async () => {
    await observe('joint', { code: code('a', 'b'), ...day(1) });
    expect(await ids('patient=ann&category=lab')).toEqual(['period', 'b1', 'b2', 'c2']);
    await observe('joint', { code: code('z'), ...day(1), subject: to('Patient/bob') });
  });

  test('by POST, with the number of all as total', async () => {
    const { body } = await post('/Observation/$lastn', [
      { name: 'max', valuePositiveInt: 2 },
      { name: 'patient', valueString: 'ann' },
      { name: 'category', valueString: 'lab' },
    ]).expect(200);
    expect(references(body, 'match')).toHaveLength(7);
    expect(body.total).toBe(7);
    expect(body.type).toBe('searchset');
  });

  test('_include, _elements', async () => {
    const found = await bundle('/Observation/$lastn?patient=ann&code=a&_include=Observation:subject');
    expect(references(found, 'include')).toEqual(['Patient/ann']);
    const short = await bundle('/Observation/$lastn?patient=ann&code=a&_elements=status');
    expect(short.entry![0]!.resource.effectiveDateTime).toBeUndefined();
    expect(short.entry![0]!.resource.status).toBe('final');
  });

  test.each([1, 2, 3, 7])('pages of %d', async (count) => {
    const found = await pages(`/Observation/$lastn?patient=ann&category=lab&max=2&_count=${count}`);
    const all = found.flatMap((page) => references(page, 'match').map((one) => one.split('/')[1]));
    expect(all).toEqual(['period', 'b1', 'b2', 'a3', 'a2', 'c2', 'c1']);
    expect(found).toHaveLength(Math.ceil(7 / count));
    expect(new Set(found.map(({ total }) => total))).toEqual(new Set([7]));
  });

  test('a page link of another query is refused', async () => {
    const first = await bundle('/Observation/$lastn?patient=ann&category=lab&max=2&_count=1');
    const page = new URL(first.link.find(({ relation }) => relation === 'next')!.url).searchParams.get(
      '_page',
    );
    const damaged = 'The page link is damaged, expired or of another query';
    expect(await refusal(`/Observation/$lastn?patient=ann&category=lab&max=3&_page=${page}`, 400)).toContain(
      damaged,
    );
    expect(await refusal(`/Observation/$lastn?patient=bob&category=lab&max=2&_page=${page}`, 400)).toContain(
      damaged,
    );
  });
});

describe('$lastn refuses', () => {
  test.each([
    ['category=lab', '$lastn needs a subject'],
    ['patient:missing=true&category=lab', '$lastn needs a subject'],
    ['patient=ann', '$lastn needs to know of what'],
    ['patient=ann&status=final&date=2024', '$lastn needs to know of what'],
    ['patient=ann&category:missing=false', '$lastn needs to know of what'],
    ['patient=ann&category=lab&max=0', 'max must be a whole number from 1 up'],
    ['patient=ann&category=lab&max=x', 'max must be a whole number from 1 up'],
    ['patient=ann&category=lab&max=1&max=2', "'max' may be given only once"],
    ['patient=ann&category=lab&_sort=date', '$lastn does not take _sort'],
    ['patient=ann&category=lab&_total=accurate', '$lastn does not take _total'],
    ['patient=ann&category=lab&_summary=count', '_summary must be one of true, text, data and false'],
    ['patient=ann&category=lab&_count=0', '$lastn does not take _count=0'],
    ['patient=ann&category=lab&nonsense=1', 'nonsense'],
    ['patient=ann&category=lab&_page=x', 'The page link is damaged'],
  ])('%s', async (query, text) => {
    expect(await refusal(`/Observation/$lastn?${query}`, 400)).toContain(text);
  });

  test('a place where it is not', async () => {
    await refusal('/Patient/$lastn?patient=ann&category=lab', 404);
    await refusal('/Observation/a1/$lastn', 404);
  });
});
