import { describe, expect, test } from '@jest/globals';
import { bundleSender, create, patch, patient, put, remove, statuses } from './bundle/support.ts';
import { serverForFile } from './support.ts';

const { api } = serverForFile();
const { send, run, count } = bundleSender(api);

const BOTH = ['Bundle.entry[0]', 'Bundle.entry[1]'];
const update = (value: string, more: object = {}) => put(`Patient?identifier=${value}`, patient(value, more));
const named = (id: string, value: string) => put(`Patient/${id}`, patient(value, { id }));
const change = [{ op: 'add', path: '/active', value: true }];

/** Refused the same way in both orders, and nothing is written. */
async function refusedBoth(entries: object[]): Promise<void> {
  for (const inOrder of [entries, [...entries].reverse()]) {
    const { status, body } = await send(inOrder);
    expect([status, body.issue?.[0].expression]).toEqual([400, BOTH]);
  }
}

describe('entries that mean one resource are refused, whatever their order', () => {
  test('the same conditional update twice', async () => {
    await refusedBoth([update('s-1'), update('s-1')]);
    expect(await count('Patient?identifier=s-1')).toBe(0);
  });

  test('conditional updates with other words for the same', async () => {
    await refusedBoth([update('s-2'), put('Patient?identifier=urn:test|s-2&active=true', patient('s-2'))]);
    await refusedBoth([
      update('s-2'),
      put('Patient?identifier=s-3', {
        resourceType: 'Patient',
        identifier: [{ value: 's-2' }, { value: 's-3' }],
      }),
    ]);
    expect(await count('Patient?identifier=s-2')).toBe(0);
  });

  test('a conditional update and an update that brings the identifier', async () => {
    await refusedBoth([named('s-new', 's-4'), update('s-4')]);
    await run(named('s-old', 's-other'));
    await refusedBoth([named('s-old', 's-4'), update('s-4')]);
    await refusedBoth([named('s-old', 's-other'), update('s-other')]);
    expect(await count('Patient?identifier=s-4')).toBe(0);
  });

  test('a conditional update of what is there, changed into what another would create', async () => {
    await run(create(patient('s-5')));
    await refusedBoth([put('Patient?identifier=s-5', patient('s-6')), update('s-6')]);
  });

  test('by links to other entries', async () => {
    const observed = () =>
      put('Observation?subject=urn:uuid:p', {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'x' },
        subject: { reference: 'urn:uuid:p' },
      });
    const entries = [observed(), observed(), create(patient('s-7'), 'urn:uuid:p')];
    const refused = await send(entries).expect(400);
    expect(refused.body.issue[0].expression).toEqual(BOTH);
  });

  test('a conditional patch of what an update makes', async () => {
    await refusedBoth([named('s-patched', 's-8'), patch('Patient?identifier=s-8', change)]);
    await refusedBoth([update('s-8'), patch('Patient?identifier=s-8', change)]);
  });

  test('a patch and a conditional update of what it makes', async () => {
    await run(named('s-14', 's-14-old'));
    const identifier = [{ system: 'urn:test', value: 's-14' }];
    await refusedBoth([
      update('s-14'),
      patch('Patient/s-14', [{ op: 'replace', path: '/identifier', value: identifier }]),
    ]);
    expect(await count('Patient?identifier=s-14')).toBe(0);
  });

  test('deletions of one resource', async () => {
    const [made] = await run(create(patient('s-9')));
    const { id } = made!.resource!;
    await refusedBoth([remove('Patient?identifier=s-9'), remove(`Patient/${id}`)]);
    await refusedBoth([remove('Patient?identifier=s-9'), remove('Patient?identifier=urn:test|s-9')]);
    expect(await count('Patient?identifier=s-9')).toBe(1);
  });
});

describe('entries that mean different resources are done', () => {
  test('conditional updates, with and without a match', async () => {
    await run(create(patient('t-1')));
    const answers = await run(update('t-1'), update('t-2'), update('t-3'), named('t-4', 't-4'));
    expect(statuses(answers)).toEqual(['200', '201', '201', '201']);
  });

  test('what is there, each with the identifier that the next one had', async () => {
    await run(create(patient('u-1')), create(patient('u-2')));
    const answers = await run(
      put('Patient?identifier=u-1', patient('u-2')),
      put('Patient?identifier=u-2', patient('u-3')),
    );
    expect(statuses(answers)).toEqual(['200', '200']);
  });

  test('what is deleted is created anew', async () => {
    await run(create(patient('v-1')));
    const answers = await run(update('v-1'), remove('Patient?identifier=v-1'));
    expect(statuses(answers)).toEqual(['201', '204']);
  });
});
