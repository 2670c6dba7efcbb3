import type { AccessPolicyResource } from '@medplum/fhirtypes';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readPatch } from '../../../src/fhir/patch/patch.ts';
import { LOCAL_CALLER, type Caller } from '../../../src/records/caller.ts';
import type { TransactionOperation } from '../../../src/records/records.ts';
import { GateWorld, body, observation, refusal, type Observation } from './world.ts';

let world: GateWorld;

beforeAll(async () => {
  world = await GateWorld.open();
});
afterAll(() => world.close());

beforeEach(() => world.put(observation('o-mine', 'mine'), observation('o-other', 'other')));

const MINE: AccessPolicyResource = {
  resourceType: 'Observation',
  criteria: 'Observation?subject=Patient/mine',
};
const type = 'Observation';
const criteria = (query: string) => world.records.criteria(type, [...new URLSearchParams(query)]);
const incoming = (resource: Observation) => world.records.check(body(resource), type);
const transact = (caller: Caller, ...operations: TransactionOperation[]) =>
  world.records.transact(caller, operations);
const contentOf = async (id: string) =>
  JSON.parse((await world.records.read(LOCAL_CALLER, type, id)).content) as Observation;
const put = async (resource: Observation): Promise<TransactionOperation> => ({
  kind: 'update',
  type,
  id: resource.id,
  resource: await incoming(resource),
});

describe('each operation is judged', () => {
  test('and one that is refused refuses all, with its place', async () => {
    const caller = world.caller(MINE);
    const good = await put(observation('t1', 'mine'));
    const bad = { ...(await put(observation('t2', 'other'))), at: 'Bundle.entry[1]' };
    expect(await refusal(transact(caller, good, bad))).toBe('forbidden Bundle.entry[1].resource');
    expect(await refusal(contentOf('t1'))).toBe('not-found');
    expect(await refusal(transact(caller, good))).toBe('none');
    const moved = await put(observation('o-other', 'mine'));
    expect(await refusal(transact(caller, moved))).toBe('not-found');
    expect((await contentOf('o-other')).subject).toEqual({ reference: 'Patient/other' });
  });

  test('creations', async () => {
    const create = async (patient: string): Promise<TransactionOperation> => ({
      kind: 'create',
      type,
      resource: await incoming(observation('x', patient)),
    });
    const caller = world.caller(MINE);
    expect(await refusal(transact(caller, await create('mine')))).toBe('none');
    expect(await refusal(transact(caller, await create('other')))).toBe('forbidden');
  });

  test('deletions of an expected version: what is hidden is not there', async () => {
    const remove = (id: string): TransactionOperation => ({
      kind: 'delete',
      type,
      id,
      expectedVersion: '*',
      at: 'Bundle.entry[0]',
    });
    const caller = world.caller(MINE);
    const missing = 'precondition-failed Bundle.entry[0].request.ifMatch';
    expect(await refusal(transact(caller, remove('o-other')))).toBe(missing);
    expect(await refusal(transact(caller, remove('never')))).toBe(missing);
    expect(await refusal(transact(caller, remove('o-mine')))).toBe('none');
    await contentOf('o-other');
  });

  test('reads', async () => {
    const read = (id: string) => refusal(transact(world.caller(MINE), { kind: 'read', type, id }));
    expect([await read('o-mine'), await read('o-other')]).toEqual(['none', 'not-found']);
  });

  test('deletions: what may not be seen is not there', async () => {
    const [result] = await transact(world.caller(MINE), { kind: 'delete', type, id: 'o-other' });
    expect(result).toEqual({ outcome: 'deleted', type, deletions: [] });
    await contentOf('o-other');
    const [own] = await transact(world.caller(MINE), { kind: 'delete', type, id: 'o-mine' });
    expect(own).toMatchObject({ deletions: [{ id: 'o-mine' }] });
  });
});

describe('criteria see only what the caller may see', () => {
  test('conditional creation makes another where the match is hidden', async () => {
    const create = async (value: string): Promise<TransactionOperation> => ({
      kind: 'create',
      type,
      resource: await incoming(observation('x', 'mine')),
      ifNoneExist: criteria(`identifier=urn:s|${value}`),
    });
    const [kept] = await transact(world.caller(MINE), await create('o-mine'));
    expect(kept).toMatchObject({ outcome: 'kept', id: 'o-mine' });
    const [made] = await transact(world.caller(MINE), await create('o-other'));
    expect(made).toMatchObject({ outcome: 'created' });
  });

  test('conditional update, patch and deletion pass by', async () => {
    const both = 'code:text=x&identifier=urn:s|o-mine,urn:s|o-other';
    const update: TransactionOperation = {
      kind: 'update',
      type,
      criteria: criteria(both),
      resource: await incoming({ ...observation('o-mine', 'mine'), status: 'amended' }),
    };
    expect(await refusal(transact(LOCAL_CALLER, update))).toBe('precondition-failed');
    expect(await refusal(transact(world.caller(MINE), update))).toBe('none');
    const removed = await transact(world.caller(MINE), { kind: 'delete', type, criteria: criteria(both) });
    expect(removed).toMatchObject([{ deletions: [{ id: 'o-mine' }] }]);
    await contentOf('o-other');
  });

  test('conditional references, too', async () => {
    await world.put({
      resourceType: 'Patient',
      id: 'known',
      identifier: [{ value: 'known' }],
    } as Observation);
    const refers = await incoming(
      observation('x', 'x', { subject: { reference: 'Patient?identifier=known' } }),
    );
    const create: TransactionOperation = { kind: 'create', type, resource: refers };
    const blind = world.caller(
      { resourceType: 'Observation' },
      { resourceType: 'Patient', criteria: 'Patient?active=true' },
    );
    expect(await refusal(transact(blind, create))).toBe('precondition-failed Observation.subject');
    const seeing = world.caller({ resourceType: 'Observation' }, { resourceType: 'Patient' });
    expect(await refusal(transact(seeing, create))).toBe('none');
  });

  test('and ask for nothing that is hidden', async () => {
    const caller = world.caller({ resourceType: 'Observation', hiddenFields: ['identifier'] });
    const operation: TransactionOperation = {
      kind: 'delete',
      type,
      criteria: criteria('identifier=urn:s|o-mine'),
    };
    expect(await refusal(transact(caller, operation))).toBe('forbidden');
  });
});

describe('patches', () => {
  const patch = (id: string, ...operations: object[]): TransactionOperation => ({
    kind: 'patch',
    type,
    id,
    patch: readPatch('application/json-patch+json', body(operations), world.store.definitions),
  });

  test('are judged before and after', async () => {
    const caller = world.caller(MINE);
    const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
    expect(await refusal(transact(caller, patch('o-mine', replace('/status', 'amended'))))).toBe('none');
    expect(await refusal(transact(caller, patch('o-other', replace('/status', 'amended'))))).toBe(
      'not-found',
    );
    expect(
      await refusal(transact(caller, patch('o-mine', replace('/subject/reference', 'Patient/other')))),
    ).toBe('forbidden');
  });

  test('are applied to what the caller sees: nothing hidden can be tested, and it stays', async () => {
    await world.put(observation('noted', 'mine', { note: [{ text: 'secret' }] }));
    const caller = world.caller({ resourceType: 'Observation', hiddenFields: ['note'] });
    const guess = { op: 'test', path: '/note/0/text', value: 'secret' };
    expect(await refusal(transact(caller, patch('noted', guess)))).not.toBe('none');
    const [result] = await transact(
      caller,
      patch('noted', { op: 'replace', path: '/status', value: 'amended' }),
    );
    expect((result as { content: string }).content).not.toContain('secret');
    expect(await contentOf('noted')).toMatchObject({ status: 'amended', note: [{ text: 'secret' }] });
  });
});
