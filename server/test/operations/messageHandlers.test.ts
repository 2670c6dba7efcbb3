import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../src/fhir/definitions/types.ts';
import { fhirError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import type { MessageEffects, MessageHandler } from '../../src/operations/message/handlers.ts';
import { OperationParameters } from '../../src/operations/parameters.ts';
import { processMessageOperation } from '../../src/operations/processMessage.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';
import { Cursors } from '../../src/records/cursors.ts';
import { Records } from '../../src/records/records.ts';
import { openStore } from '../../src/store/store.ts';
import { createValidator } from '../../src/validation/createValidator.ts';
import { r4Definitions } from '../support/definitions.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const BASE = 'http://maxray.example/fhir/R4';
const EVENT = { system: 'urn:events', code: 'admit' };

let world: TestDatabase;
let records: Records;
let definitions: Definitions;
beforeAll(async () => {
  world = await testDatabase();
  definitions = await r4Definitions();
  const store = openStore(world.database, world.schema, definitions, new Uint8Array(16), BASE);
  records = new Records(store, {
    validator: createValidator(definitions),
    cursors: new Cursors(new Uint8Array(32)),
  });
});
afterAll(() => world.close());

function message(id: string, event: object = { eventCoding: EVENT }): Resource {
  const header = { resourceType: 'MessageHeader', id, ...event, source: { endpoint: 'http://s.example' } };
  return { resourceType: 'Bundle', id: `sending-${id}`, type: 'message', entry: [{ resource: header }] };
}

/** Sends a message to a server with one handler. */
async function sent(handle: MessageHandler['handle'], bundle: Resource, event = 'urn:events|admit') {
  const operation = processMessageOperation(records, definitions, {
    base: BASE,
    handlers: [{ event, handle }],
  });
  const resource = { value: bundle, exact: bundle };
  const parameters = new OperationParameters([{ name: 'resource', resource }]);
  const answer = await operation.run({
    caller: LOCAL_CALLER,
    level: 'system',
    parameters,
    handling: 'strict',
  });
  if (answer.kind !== 'resource') throw new Error(answer.kind);
  const { entry } = JSON.parse(answer.body) as { entry: { fullUrl: string; resource: Resource }[] };
  const { response, focus } = entry[0]!.resource as unknown as {
    response: { code: string };
    focus?: { reference: string }[];
  };
  return { body: answer.body, entry, code: response.code, focus };
}

const admitted = (id: string, ...more: MessageEffects['operations'] & object): MessageEffects => {
  const value = { resourceType: 'Patient', id, active: true };
  const resource = { value, exact: value };
  return {
    operations: [{ kind: 'update', type: 'Patient', id, resource }, ...more],
    focus: [value],
  };
};
const versionOf = async (id: string) => (await records.read(LOCAL_CALLER, 'Patient', id)).version;
const isStored = async (id: string) => {
  const { query } = records.parseSearch({ type: 'Bundle' }, [['message', id]], 'strict');
  return (await records.search(LOCAL_CALLER, query)).matches.length;
};

describe('a handler', () => {
  test('acts once on a message that comes several times, and says something of its own', async () => {
    const act = () => Promise.resolve(admitted('p1'));
    const answers = await Promise.all([1, 2, 3].map(() => sent(act, message('h-1'))));
    const [{ code, focus, entry }] = answers as [(typeof answers)[0]];
    expect(code).toBe('ok');
    expect(focus).toEqual([{ reference: entry[1]!.fullUrl }]);
    expect(entry[1]!.resource).toEqual({ resourceType: 'Patient', id: 'p1', active: true });
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await versionOf('p1')).toBe(1);
    expect(await isStored('h-1')).toBe(1);
  });

  test('is not asked about other events', async () => {
    const act = () => Promise.reject(new Error('not for me'));
    expect((await sent(act, message('h-2', { eventUri: 'urn:other' }))).code).toBe('ok');
    const byUri = () => Promise.resolve({ issues: [] });
    const { entry } = await sent(byUri, message('h-3', { eventUri: 'urn:mine' }), 'urn:mine');
    expect(entry).toHaveLength(1);
  });

  test('that refuses gives a fatal error, which stays the answer', async () => {
    let asked = 0;
    const refuse = () => {
      asked++;
      return Promise.reject(fhirError('unprocessable', 'business-rule', 'No such ward.'));
    };
    const first = await sent(refuse, message('h-4'));
    expect(first.code).toBe('fatal-error');
    expect(first.entry[1]!.resource).toEqual({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'business-rule', diagnostics: 'No such ward.' }],
    });
    expect((await sent(refuse, message('h-4'))).body).toBe(first.body);
    expect(asked).toBe(1);
    expect(await isStored('h-4')).toBe(1);
  });

  test('whose operations fail does nothing, and gives a fatal error', async () => {
    const act = () => Promise.resolve(admitted('p5', { kind: 'read', type: 'Patient', id: 'nobody' }));
    const { code, focus } = await sent(act, message('h-5'));
    expect([code, focus]).toEqual(['fatal-error', undefined]);
    await expect(versionOf('p5')).rejects.toThrow('There is no Patient');
  });

  test('that cannot now gives a transient error, and is asked again', async () => {
    let isBusy = true;
    const act = () =>
      isBusy ? Promise.reject(fhirError('busy', 'transient', 'Later.')) : Promise.resolve(admitted('p6'));
    expect((await sent(act, message('h-6'))).code).toBe('transient-error');
    expect(await isStored('h-6')).toBe(0);
    isBusy = false;
    expect((await sent(act, message('h-6'))).code).toBe('ok');
    expect(await versionOf('p6')).toBe(1);
  });

  test('with a defect has none of its faults told to the sender', async () => {
    await expect(sent(() => Promise.reject(new TypeError('x')), message('h-7'))).rejects.toThrow(TypeError);
    expect(await isStored('h-7')).toBe(0);
  });
});
