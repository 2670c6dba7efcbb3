import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Consent, ConsentProvision } from '@medplum/fhirtypes';
import { LOCAL_CALLER, type Caller } from '../../../src/records/caller.ts';
import type { Asker } from '../../access/consent/judge.ts';
import { NOW } from '../../access/consent/randomConsents.ts';
import { body, observation, refusal } from '../gate/world.ts';
import { ConsentWorld } from './world.ts';

const CODES = 'http://terminology.hl7.org/CodeSystem';
const DOCTOR: Asker = { is: ['Practitioner/p'], purposes: ['TREAT'] };
const DAY_MS = 86_400_000;

let world: ConsentWorld;
beforeAll(async () => {
  world = await ConsentWorld.open();
  await world.gate.put(
    { resourceType: 'Patient', id: 'a' },
    observation('of-a', 'a'),
    observation('of-b', 'b'),
  );
});
afterAll(() => world.close());
beforeEach(() => {
  world.nowMs = NOW;
  world.isTrusted = true;
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.replace([]);
});

const consent = (patient: string, provision: ConsentProvision): Consent => ({
  resourceType: 'Consent',
  id: `of-${patient}`,
  status: 'active',
  scope: { coding: [{ system: `${CODES}/consentscope`, code: 'patient-privacy' }] },
  category: [{ text: 'x' }],
  patient: { reference: `Patient/${patient}` },
  provision,
});
const shows = async (caller: Caller, id = 'of-a') =>
  (await refusal(world.gate.records.read(caller, 'Observation', id))) === 'none';
const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

test('where nobody withholds anything, callers are those of the policies, and nothing is asked of the database', async () => {
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  expect(await callers.of(made)).toBe(made.caller);
  const reading = jest.spyOn(world.gate.store.database, 'read');
  expect(callers.isIdle).toBe(true);
  expect(await callers.of(made)).toBe(made.caller);
  expect(reading).not.toHaveBeenCalled();
});

test('who is not meant keeps the conditions of the policies', async () => {
  const others = { role: { coding: [{ system: `${CODES}/v3-ParticipationType`, code: 'PRCP' }] } };
  await world.replace([
    consent('a', { type: 'deny', actor: [{ ...others, reference: { reference: 'Practitioner/other' } }] }),
  ]);
  const made = world.made(DOCTOR);
  expect((await world.callers(DOCTOR).of(made)).access).toBe(made.caller.access);
});

test('a caller stays the same object until something of it changes, and another patient changes only that patient', async () => {
  await world.replace([consent('a', { type: 'deny' })]);
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  const first = await callers.of(made);
  expect(await callers.of(made)).toBe(first);
  expect([await shows(first), await shows(first, 'of-b')]).toEqual([false, true]);
  await world.add(consent('b', { type: 'deny' }));
  const second = await callers.of(made);
  expect([await shows(second), await shows(second, 'of-b')]).toEqual([false, false]);
  await world.gate.records.delete(LOCAL_CALLER, 'Consent', 'of-a');
  const third = await callers.of(made);
  expect([await shows(third), await shows(third, 'of-b')]).toEqual([true, false]);
  await world.gate.records.delete(LOCAL_CALLER, 'Consent', 'of-b');
  expect(await callers.of(made)).toBe(made.caller);
});

test('a provision begins and ends by itself', async () => {
  await world.replace([
    consent('a', { type: 'deny', period: { start: isoDay(NOW + DAY_MS), end: isoDay(NOW + 2 * DAY_MS) } }),
  ]);
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  const days = [];
  for (let day = 0; day < 4; day++) {
    world.nowMs = NOW + day * DAY_MS;
    days.push(await shows(await callers.of(made)));
  }
  expect(days).toEqual([true, false, false, true]);
});

test('what another server stores is read when it says so', async () => {
  const { consentNotices } = world.gate.store;
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  await callers.of(made);
  const changed = jest.spyOn(consentNotices, 'changed').mockImplementation(() => undefined); // as if another had stored it
  await world.add(consent('a', { type: 'deny' }));
  expect(await shows(await callers.of(made))).toBe(true);
  let row = '';
  for await (const some of world.gate.store.consents.active()) row = some.at(-1)!.row;
  consentNotices.heard(`Consent ${row}`);
  expect(await shows(await callers.of(made))).toBe(false);
  changed.mockRestore();
});

test('while nothing can be heard, the database is asked each time', async () => {
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  await callers.of(made);
  world.isTrusted = false;
  jest.spyOn(world.gate.store.consentNotices, 'changed').mockImplementation(() => undefined);
  expect(await shows(await callers.of(made))).toBe(true);
  await world.add(consent('a', { type: 'deny' }));
  expect(await shows(await callers.of(made))).toBe(false);
});

test('what cannot be read is not passed over', async () => {
  const callers = world.callers(DOCTOR);
  const made = world.made(DOCTOR);
  await callers.of(made);
  await world.add(consent('a', { type: 'deny' }));
  const away = jest.spyOn(world.gate.store.consents, 'some').mockRejectedValue(new Error('away'));
  await expect(callers.of(made)).rejects.toThrow('away');
  await expect(callers.of(made)).rejects.toThrow('away');
  away.mockRestore();
  expect(await shows(await callers.of(made))).toBe(false);
});

test('many patients may withhold by time; different labels have a limit', async () => {
  const many = Array.from({ length: 40 }, (_, i) =>
    consent(`m${i}`, { type: 'deny', dataPeriod: { end: `${1980 + i}` } }),
  );
  const labels = Array.from({ length: 150 }, (_, i) =>
    consent(`l${i}`, { type: 'deny', securityLabel: [{ system: 'urn:label', code: `L${i}` }] }),
  );
  await world.replace([...many, ...labels]);
  await world.gate.put(
    observation('of-m5', 'm5', { effectiveDateTime: '1990-01-01' }),
    observation('of-m20', 'm20', { effectiveDateTime: '1990-01-01' }),
    observation('of-l3', 'l3'),
    observation('of-l140', 'l140'),
  );
  const caller = await world.caller(DOCTOR);
  const ids = ['of-m5', 'of-m20', 'of-l3'];
  expect(await Promise.all(ids.map((id) => shows(caller, id)))).toEqual([true, false, true]);
  // More different labels than are told apart in a search: of patients with further ones all is withheld.
  expect(await shows(caller, 'of-l140')).toBe(false);
  const { matches } = await world.gate.search(caller, 'Observation', '_count=100');
  expect(matches).toEqual(['Observation/of-a', 'Observation/of-b', 'Observation/of-l3', 'Observation/of-m5']);
});

test('what may not be read may not be changed, also where only reading is denied', async () => {
  const access = { coding: [{ system: `${CODES}/consentaction`, code: 'access' }] };
  await world.replace([consent('a', { type: 'deny', action: [access] })]);
  const caller = await world.caller(DOCTOR);
  const changed = body(observation('of-a', 'a', { status: 'amended' }));
  expect(await shows(caller)).toBe(false);
  expect(await refusal(world.gate.records.update(caller, 'Observation', 'of-a', changed))).toBe('not-found');
});

test('what has no date is withheld with what is of a time, read as well as searched', async () => {
  await world.replace([consent('a', { type: 'deny', dataPeriod: { end: '1990' } })]);
  const caller = await world.caller(DOCTOR);
  expect(await shows(caller)).toBe(false);
  const { matches } = await world.gate.search(caller, 'Observation', 'patient=a');
  expect(matches).toEqual([]);
});
