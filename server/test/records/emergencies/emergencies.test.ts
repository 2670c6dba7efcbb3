import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BREAK_GLASS_EXTENSION } from '../../../src/access/policyExtensions.ts';
import { Callers } from '../../../src/records/callers/callers.ts';
import { Consents } from '../../../src/records/consents/consents.ts';
import { Memberships } from '../../../src/records/directory/memberships.ts';
import { Emergencies } from '../../../src/records/emergencies/emergencies.ts';
import { GateWorld, observation, refusal } from '../gate/world.ts';

const START = Date.UTC(2026, 5, 15, 12);
const MINUTE_MS = 60_000;

let world: GateWorld;
let nowMs = START;
let callers: Callers;
let emergencies: Emergencies;
const clock = () => nowMs;
const identified = {
  clientId: 'app',
  userId: 'u',
  profile: 'Practitioner/p',
  scopes: ['user/*.cruds'],
  expiresAtMs: Infinity,
};

beforeAll(async () => {
  world = await GateWorld.open({ validate: () => [] });
  const { store, records } = world;
  const consents = new Consents({
    reader: store.consents,
    notices: store.consentNotices,
    trusted: () => true,
    base: store.index.ownBase!,
  });
  callers = new Callers({
    ...{ store, consents, memberships: new Memberships(store), nowMs: clock },
    administratorId: () => undefined,
    log: () => undefined,
  });
  emergencies = new Emergencies({ store, records, minutes: 60, nowMs: clock });
  await world.put(
    { resourceType: 'Patient', id: 'a' },
    { resourceType: 'Patient', id: 'b' },
    observation('of-a', 'a'),
    observation('of-b', 'b'),
  );
  const policy = {
    ...{ resourceType: 'AccessPolicy', id: 'p', resource: [{ resourceType: 'Organization' }] },
    extension: [{ url: BREAK_GLASS_EXTENSION, valueBoolean: true }],
  };
  const membership = {
    ...{ resourceType: 'ProjectMembership', id: 'm', user: { reference: 'User/u' } },
    accessPolicy: { reference: 'AccessPolicy/p' },
  };
  await world.put(policy, membership);
});
afterAll(() => world.close());

/** Which observations the user may read, now. */
const seen = async (): Promise<string[]> => {
  const caller = await callers.of(identified);
  const ids = [];
  for (const id of ['of-a', 'of-b'])
    if ((await refusal(world.records.read(caller, 'Observation', id))) === 'none') ids.push(id);
  return ids;
};

test('what was opened ends by itself, each at its time, and is remembered', async () => {
  expect(await seen()).toEqual([]);
  await emergencies.open(await callers.of(identified), 'a', 'found unconscious');
  nowMs = START + 30 * MINUTE_MS;
  await emergencies.open(await callers.of(identified), 'b', 'of the same accident');
  expect(await seen()).toEqual(['of-a', 'of-b']);
  const caller = await callers.of(identified);
  expect(await callers.of(identified)).toBe(caller);
  nowMs = START + 60 * MINUTE_MS - 1;
  expect(await seen()).toEqual(['of-a', 'of-b']);
  nowMs = START + 60 * MINUTE_MS;
  expect(await seen()).toEqual(['of-b']);
  nowMs = START + 90 * MINUTE_MS;
  expect(await seen()).toEqual([]);
  const administrator = { ...caller, isAdministrator: true };
  expect(await emergencies.list(administrator, true)).toEqual([]);
  expect((await emergencies.list(administrator, false)).map(({ patient }) => patient)).toEqual(['b', 'a']);
});

test('what cannot be recorded is not opened', async () => {
  const caller = await callers.of(identified);
  const trail = { tells: () => Promise.reject(new Error('the log is full')) };
  const asking = { ...caller, trail } as unknown as typeof caller;
  await expect(emergencies.open(asking, 'a', 'found unconscious')).rejects.toThrow('the log is full');
  expect(await seen()).toEqual([]);
});
