import type { AccessPolicyResource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LOCAL_CALLER, type Caller } from '../../../src/records/caller.ts';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import { GateWorld, body, observation, refusal, type Observation } from './world.ts';

let world: GateWorld;

beforeAll(async () => {
  world = await GateWorld.open();
});
afterAll(() => world.close());

beforeEach(() =>
  world.put(
    { resourceType: 'Patient', id: 'mine' },
    { resourceType: 'Patient', id: 'other' },
    observation('o-mine', 'mine'),
    observation('o-other', 'other'),
  ),
);

const MINE: AccessPolicyResource = {
  resourceType: 'Observation',
  criteria: 'Observation?subject=Patient/mine',
};
const ROUNDS = 20;
const put = (caller: Caller, resource: Observation, expectedVersion?: number) =>
  world.records.update(caller, 'Observation', resource.id, body(resource), expectedVersion);
const contentOf = async (id: string) =>
  JSON.parse((await world.records.read(LOCAL_CALLER, 'Observation', id)).content) as Observation;

describe('a write satisfies the policy before and after', () => {
  test('create', async () => {
    const create = (patient: string) =>
      refusal(world.records.create(world.caller(MINE), 'Observation', body(observation('x', patient))));
    expect([await create('mine'), await create('other')]).toEqual(['none', 'forbidden']);
    const reader = world.caller({ ...MINE, readonly: true });
    expect(await refusal(world.records.create(reader, 'Observation', body(observation('x', 'mine'))))).toBe(
      'forbidden',
    );
  });

  test('update: neither out of reach nor into it', async () => {
    const caller = world.caller(MINE);
    expect(await refusal(put(caller, observation('o-mine', 'mine', { status: 'amended' })))).toBe('none');
    expect(await refusal(put(caller, observation('o-mine', 'other')))).toBe('forbidden');
    expect(await refusal(put(caller, observation('o-other', 'mine')))).toBe('not-found');
    expect((await contentOf('o-other')).subject).toEqual({ reference: 'Patient/other' });
    expect((await contentOf('o-mine')).subject).toEqual({ reference: 'Patient/mine' });
  });

  test('update under a new id is a create', async () => {
    const caller = world.caller(MINE);
    expect(await refusal(put(caller, observation('new-mine', 'mine')))).toBe('none');
    expect(await refusal(put(caller, observation('new-other', 'other')))).toBe('forbidden');
    expect(await refusal(world.records.read(LOCAL_CALLER, 'Observation', 'new-other'))).toBe('not-found');
  });

  test('a version that is expected is the current one, or nothing is done', async () => {
    const caller = world.caller(MINE);
    const { version } = await put(caller, observation('versioned', 'mine'));
    expect(await refusal(put(caller, observation('versioned', 'mine'), version + 1))).toBe(
      'precondition-failed',
    );
    expect(await refusal(put(caller, observation('versioned', 'mine'), version))).toBe('none');
    expect(await refusal(put(caller, observation('versioned', 'mine'), 0))).toBe('precondition-failed');
  });

  test('a version that is expected, and comes while another is judged, is judged itself', async () => {
    const noted = (text: string) => observation('noted', 'mine', { note: [{ text }] });
    const { version } = await put(LOCAL_CALLER, noted('before'));
    const { reader } = world.store;
    const read = reader.read.bind(reader);
    const overtaken = jest.spyOn(reader, 'read').mockImplementationOnce(async (type, id) => {
      const before = await read(type, id);
      await put(LOCAL_CALLER, noted('meanwhile'));
      return before;
    });
    const caller = world.caller({ ...MINE, hiddenFields: ['note'] });
    const sent = observation('noted', 'mine', { status: 'amended' });
    expect(await refusal(put(caller, sent, version + 1))).toBe('precondition-failed');
    overtaken.mockRestore();
    expect(await refusal(put(caller, sent, version + 1))).toBe('none');
    expect(await contentOf('noted')).toMatchObject({ status: 'amended', note: [{ text: 'meanwhile' }] });
  });

  test('deletion: what may not be seen is not there, what may only be seen stays', async () => {
    const remove = (caller: Caller, id: string) => world.records.delete(caller, 'Observation', id);
    expect(await remove(world.caller(MINE), 'o-other')).toBeUndefined();
    await contentOf('o-other');
    const readsAll = world.caller(MINE, { resourceType: 'Observation', readonly: true });
    expect(await refusal(remove(readsAll, 'o-other'))).toBe('forbidden');
    await contentOf('o-other');
    expect(await remove(world.caller(MINE), 'o-mine')).toMatchObject({ version: expect.any(Number) });
    expect(await refusal(world.records.read(LOCAL_CALLER, 'Observation', 'o-mine'))).toBe('gone');
    expect(await remove(world.caller(MINE), 'never')).toBeUndefined();
    const expecting = (id: string) =>
      refusal(world.records.delete(world.caller(MINE), 'Observation', id, '*'));
    expect([await expecting('never'), await expecting('o-other')]).toEqual([
      'precondition-failed',
      'precondition-failed',
    ]);
    expect(await refusal(put(world.caller(MINE), observation('o-mine', 'mine')))).toBe('none');
  });
});

test('chains and _has of a policy decide on what is not stored yet', async () => {
  await world.put(
    { resourceType: 'Patient', id: 'active', active: true } as { resourceType: string; id: string },
    {
      resourceType: 'List',
      id: 'l',
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: 'Observation/listed' } }],
    } as { resourceType: string; id: string },
  );
  const chained = world.caller({
    resourceType: 'Observation',
    criteria: 'Observation?subject:Patient.active=true',
  });
  const create = (patient: string) =>
    refusal(world.records.create(chained, 'Observation', body(observation('x', patient))));
  expect([await create('active'), await create('mine'), await create('none')]).toEqual([
    'none',
    'forbidden',
    'forbidden',
  ]);
  const listed = world.caller({
    resourceType: 'Observation',
    criteria: 'Observation?_has:List:item:status=current',
  });
  expect(await refusal(put(listed, observation('listed', 'mine')))).toBe('none');
  expect(await refusal(put(listed, observation('unlisted', 'mine')))).toBe('forbidden');
  expect(await refusal(world.records.create(listed, 'Observation', body(observation('x', 'mine'))))).toBe(
    'forbidden',
  );
});

describe('elements', () => {
  test('what is hidden stays as it is when the resource is written back, with every digit', async () => {
    const text =
      '{"resourceType":"Observation","id":"h","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50},"note":[{"text":"kept"}]}';
    await world.records.update(LOCAL_CALLER, 'Observation', 'h', parseJson(Buffer.from(text)));
    const caller = world.caller({ resourceType: 'Observation', hiddenFields: ['note'] });
    const { content } = await world.records.read(caller, 'Observation', 'h');
    const changed = content.replace('"final"', '"amended"').replace(/"meta":\{.*?\},/, '');
    const written = await world.records.update(caller, 'Observation', 'h', parseJson(Buffer.from(changed)));
    expect(written.content).not.toContain('kept');
    const stored = (await world.records.read(LOCAL_CALLER, 'Observation', 'h')).content;
    for (const part of ['"amended"', '"value":1.50', '"kept"']) expect(stored).toContain(part);
    const withNote = JSON.parse(changed) as Observation;
    expect(await refusal(put(caller, { ...withNote, note: [{ text: 'mine' }] }))).toBe(
      'forbidden Observation.note',
    );
  });

  test('what is read-only is not changed', async () => {
    const caller = world.caller({ resourceType: 'Observation', readonlyFields: ['status'] });
    expect(await refusal(put(caller, observation('o-mine', 'mine', { status: 'amended' })))).toBe(
      'forbidden Observation.status',
    );
    expect(
      await refusal(put(caller, observation('o-mine', 'mine', { issued: '2020-01-01T00:00:00Z' }))),
    ).toBe('none');
  });

  test('constraints hold', async () => {
    const rule: AccessPolicyResource = {
      ...MINE,
      writeConstraint: [
        { language: 'text/fhirpath', expression: '%before.exists() implies %before.status = %after.status' },
      ],
    };
    expect(await refusal(put(world.caller(rule), observation('o-mine', 'mine', { status: 'amended' })))).toBe(
      'forbidden Observation',
    );
    expect(await refusal(put(world.caller(rule), observation('o-mine', 'mine')))).toBe('none');
  });
});

test('of many writers at once none changes what just moved out of reach', async () => {
  const caller = world.caller(MINE);
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = `race-${round}`;
    await world.put(observation(id, 'mine'));
    const mover = world.records.update(LOCAL_CALLER, 'Observation', id, body(observation(id, 'other')));
    const writers = Array.from({ length: 4 }, (_, i) =>
      refusal(put(caller, observation(id, 'mine', { note: [{ text: `writer ${i}` }] }))),
    );
    await Promise.all([mover, ...writers]);
    const { entries } = await world.records.instanceHistory(LOCAL_CALLER, 'Observation', id, { count: 20 });
    const last = JSON.parse(entries[0]!.content!) as Observation;
    expect([id, last.subject]).toEqual([id, { reference: 'Patient/other' }]);
  }
});
