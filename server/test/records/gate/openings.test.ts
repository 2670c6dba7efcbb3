import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/records/caller.ts';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';
import { GateWorld, body, observation, refusal } from './world.ts';

/** What opens records must not be had by a write, nor by the past of what was put right. */
let world: GateWorld;

beforeAll(async () => {
  world = await GateWorld.open();
  await world.put(patient('mine', 'Practitioner/p1'), patient('other', 'Practitioner/p2'));
});
afterAll(() => world.close());

function patient(id: string, practitioner: string) {
  return { resourceType: 'Patient', id, generalPractitioner: [{ reference: practitioner }] };
}

/** Practitioner/p1: has the patients who name the practitioner, and what is theirs. */
const doctor = () =>
  world.caller(
    { resourceType: 'Patient', criteria: 'Patient?general-practitioner=%profile' },
    { resourceType: 'Observation', criteria: 'Observation?patient:Patient.general-practitioner=%profile' },
  );
const put = (caller: Caller, resource: { resourceType: string; id: string }) =>
  refusal(world.records.update(caller, resource.resourceType, resource.id, body(resource)));
const remove = (type: string, id: string) => world.records.delete(LOCAL_CALLER, type, id);

describe('a past version about another patient', () => {
  test('is not shown to those who see the current one', async () => {
    const note = (text: string) => ({ note: [{ text }] });
    await world.put(
      observation('corrected', 'other', note('secret')),
      observation('corrected', 'mine', note('right')),
      observation('corrected', 'mine', note('still right')),
    );
    const vread = (version: string) =>
      refusal(world.records.readVersion(doctor(), 'Observation', 'corrected', version));
    expect([await vread('1'), await vread('2'), await vread('3')]).toEqual(['not-found', 'none', 'none']);
    const versions = async (caller: Caller) => {
      const page = await world.records.instanceHistory(caller, 'Observation', 'corrected', { count: 10 });
      return page.entries.map(({ version }) => version);
    };
    expect(await versions(doctor())).toEqual([3, 2]);
    expect(await versions(LOCAL_CALLER)).toEqual([3, 2, 1]);
    const { entries } = await world.records.changeHistory(doctor(), 'Observation', { count: 100 });
    expect(entries.map(({ version }) => version)).toEqual([3, 2]);
  });
});

describe('what was deleted', () => {
  test('is made again by those only who could have changed it', async () => {
    await world.put(observation('d-other', 'other'), observation('d-mine', 'mine'));
    for (const id of ['d-other', 'd-mine']) await remove('Observation', id);
    expect(await put(doctor(), observation('d-other', 'mine'))).toBe('not-found');
    expect(await put(doctor(), observation('d-mine', 'mine'))).toBe('none');
    const transacted = world.records.transact(doctor(), [
      {
        kind: 'update',
        type: 'Observation',
        id: 'd-other',
        resource: body(observation('d-other', 'mine')),
      } as never,
    ]);
    expect(await refusal(transacted)).toMatch(/^not-found/);
  });

  test('a patient, too', async () => {
    await world.put(patient('gone', 'Practitioner/p2'), observation('o-gone', 'gone'));
    await remove('Patient', 'gone');
    expect(await put(doctor(), patient('gone', 'Practitioner/p1'))).toBe('not-found');
    expect(await refusal(world.records.read(doctor(), 'Observation', 'o-gone'))).toBe('not-found');
  });
});

test('a patient is made under no id of one’s choice: records may refer to it already', async () => {
  await world.put(observation('dangling', 'missing'));
  expect(await put(doctor(), patient('missing', 'Practitioner/p1'))).toBe('forbidden Patient.id');
  const unlimited = world.caller({ resourceType: 'Patient' });
  expect(await put(unlimited, patient('chosen', 'Practitioner/p1'))).toBe('none');
  const { id: _id, ...own } = patient('x', 'Practitioner/p1');
  expect(await refusal(world.records.create(doctor(), 'Patient', body(own)))).toBe('none');
});

test('topics of Subscriptions are kept by those who may do everything', async () => {
  const basic = (id: string, ...codes: string[]) => ({
    resourceType: 'Basic',
    id,
    code: { coding: codes.map((code) => ({ system: 'urn:codes', code })) },
    subject: { reference: 'Patient/mine' },
  });
  const own = world.caller({ resourceType: 'Basic', criteria: 'Basic?code=push' });
  expect(await put(own, basic('b', 'push'))).toBe('none');
  expect(await put(own, basic('b', 'push', 'SubscriptionTopic'))).toBe('forbidden Basic.code');
  expect(await put(own, basic('c', 'push', 'SubscriptionTopic'))).toBe('forbidden Basic.code');
  await world.put(basic('topic', 'push', 'SubscriptionTopic'));
  expect(await put(own, basic('topic', 'push'))).toBe('forbidden Basic.code');
  expect(await refusal(world.records.delete(own, 'Basic', 'topic'))).toBe('forbidden Basic.code');
  await world.put(basic('unseen', 'other', 'SubscriptionTopic'));
  expect(await world.records.delete(own, 'Basic', 'unseen')).toBeUndefined();
});

test('a Subscription asks nothing by what is hidden', async () => {
  const criteria = { resourceType: 'Subscription', reason: 'r', status: 'requested' };
  const channel = { type: 'rest-hook', endpoint: 'https://receiver.example/' };
  const filtered = (valueString: string) => ({
    criteria: 'http://topics.example/t',
    _criteria: { extension: [{ url: 'http://filters.example', valueString }] },
  });
  const asks = (more: object) => {
    const caller = world.caller(
      { resourceType: 'Patient', hiddenFields: ['birthDate', 'telecom'] },
      { resourceType: 'Subscription' },
      { resourceType: 'Observation' },
    );
    return refusal(world.records.create(caller, 'Subscription', body({ ...criteria, ...more, channel })));
  };
  for (const query of [
    'birthdate=1945-01-17',
    'phone=1',
    '_filter=birthdate gt 1940',
    'active=true&birthdate=1945',
  ])
    expect([query, await asks({ criteria: `Patient?${query}` })]).toEqual([query, 'forbidden']);
  expect(await asks({ criteria: 'Observation?subject:Patient.birthdate=1945' })).toBe('forbidden');
  expect(await asks(filtered('Patient?birthdate=1945'))).toBe('forbidden');
  expect(await asks(filtered('birthdate=1945'))).toBe('forbidden');
  for (const more of [
    { criteria: 'Patient?active=true' },
    { criteria: 'Patient' },
    filtered('Patient?active=true'),
  ])
    expect([more, await asks(more)]).toEqual([more, 'none']);
});
