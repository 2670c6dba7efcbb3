import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Consent } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Caller } from '../../../src/records/caller.ts';
import { WriteGate } from '../../../src/records/gate/writeGate.ts';
import { isWithheld, type Act, type Asker } from '../../access/consent/judge.ts';
import {
  ASKERS,
  NOW,
  PATIENTS,
  randomConsent,
  randomResource,
  TYPES,
} from '../../access/consent/randomConsents.ts';
import { createRandom, type Random } from '../../oracle/data/random.ts';
import { refusal, type GateWorld } from '../gate/world.ts';
import { ConsentWorld } from './world.ts';

/** `CONSENT_ROUNDS=60` asks more. */
const ROUNDS = Number(process.env.CONSENT_ROUNDS ?? 12);
const RESOURCES = 30;

type Type = (typeof TYPES)[number];
type Stored = Resource & { id: string };

let world: ConsentWorld;
const stored = {} as Record<Type, Stored[]>;

beforeAll(async () => {
  world = await ConsentWorld.open();
  const random = createRandom('consents');
  for (const type of TYPES) {
    const count = type === 'Patient' ? PATIENTS.length : RESOURCES;
    const idOf = (i: number) => (type === 'Patient' ? PATIENTS[i]! : `${type}${i}`);
    stored[type] = Array.from({ length: count }, (_, i) => randomResource(random, type, idOf(i)) as Stored);
    await world.gate.put(...stored[type]);
  }
});
afterAll(() => world.close());

const names = (resources: readonly Stored[]) =>
  resources.map(({ resourceType, id }) => `${resourceType}/${id}`).sort();
const subjectOf = ({ subject }: Resource) => (subject as { reference?: string } | undefined)?.reference;

/** By the judge's word alone: which the policy (all final observations, or all there is) and consents leave. */
class Expected {
  readonly asker: Asker;
  readonly consents: readonly Consent[];
  readonly finalOnly: boolean;

  constructor(asker: Asker, consents: readonly Consent[], finalOnly: boolean) {
    this.asker = asker;
    this.consents = consents;
    this.finalOnly = finalOnly;
  }

  may(act: Act, resource: Resource): boolean {
    const isOpen = !this.finalOnly || resource.resourceType !== 'Observation' || resource.status === 'final';
    return isOpen && !isWithheld(this.consents, this.asker, act, resource, NOW);
  }

  seen(type: Type): Stored[] {
    return stored[type].filter((resource) => this.may('read', resource));
  }
}

async function compareReads(
  gate: GateWorld,
  caller: Caller,
  expected: Expected,
  random: Random,
  about: object,
) {
  for (const type of TYPES) {
    const seen = expected.seen(type);
    const { matches, total } = await gate.search(caller, type, '_count=100&_total=accurate');
    expect({ about, type, matches, total }).toEqual({
      about,
      type,
      matches: names(seen),
      total: seen.length,
    });
    const read: Stored[] = [];
    const past: Stored[] = [];
    for (const one of stored[type]) {
      if ((await refusal(gate.records.read(caller, type, one.id))) === 'none') read.push(one);
    }
    const some = random.sample(stored[type], 4);
    for (const one of some) {
      if ((await refusal(gate.records.instanceHistory(caller, type, one.id, { count: 10 }))) === 'none')
        past.push(one);
    }
    expect({ about, type, read: names(read) }).toEqual({ about, type, read: names(seen) });
    expect({ about, type, past: names(past) }).toEqual({
      about,
      type,
      past: names(seen.filter((one) => some.includes(one))),
    });
  }
}

/** What may be told of a resource by others. */
async function compareSideChannels(
  gate: GateWorld,
  caller: Caller,
  expected: Expected,
  random: Random,
  about: object,
) {
  const [patients, observations] = [expected.seen('Patient'), expected.seen('Observation')];
  const gender = random.pick(['male', 'female']);
  const subject = (one: Stored) => patients.find(({ id }) => subjectOf(one) === `Patient/${id}`);
  const chain = await gate.search(caller, 'Observation', `subject:Patient.gender=${gender}&_count=100`);
  expect({ about, chain: chain.matches }).toEqual({
    about,
    chain: names(observations.filter((one) => subject(one)?.gender === gender)),
  });
  const status = random.pick(['final', 'amended']);
  const reverse = await gate.search(caller, 'Patient', `_has:Observation:subject:status=${status}`);
  const having = observations.filter((one) => one.status === status).map(subjectOf);
  expect({ about, reverse: reverse.matches }).toEqual({
    about,
    reverse: names(patients.filter(({ id }) => having.includes(`Patient/${id}`))),
  });
  const include = await gate.search(caller, 'Observation', '_include=Observation:subject&_count=100');
  expect({ about, included: include.included }).toEqual({
    about,
    included: names([...new Set(observations.flatMap((one) => subject(one) ?? []))]),
  });
  const revinclude = await gate.search(caller, 'Patient', '_revinclude=Encounter:subject&_count=100');
  const shown = patients.map(({ id }) => `Patient/${id}`);
  expect({ about, revinclude: revinclude.included }).toEqual({
    about,
    revinclude: names(expected.seen('Encounter').filter((one) => shown.includes(subjectOf(one)!))),
  });
  const named = random.pick(PATIENTS);
  const sorted = await gate.search(caller, 'Observation', `patient=${named}&_sort=-date&_total=accurate`);
  const own = observations.filter((one) => subjectOf(one) === `Patient/${named}`);
  expect({ about, sorted: sorted.matches, total: sorted.total }).toEqual({
    about,
    sorted: names(own),
    total: own.length,
  });
}

async function compareWrites(
  gate: GateWorld,
  caller: Caller,
  expected: Expected,
  random: Random,
  about: object,
) {
  const writes = new WriteGate(gate.store);
  const { access } = caller;
  if (access === 'unrestricted') throw new Error('the caller has no limits');
  for (let i = 0; i < 6; i++) {
    const type = random.pick(TYPES.filter((one) => one !== 'Patient'));
    const made = randomResource(random, type, 'new') as Stored;
    const created = await refusal(writes.checkCreate(access, { value: made, exact: made }));
    const mayCreate = expected.may('create', made);
    expect({ about, made, created }).toEqual({ about, made, created: mayCreate ? 'none' : 'forbidden' });

    const before = random.pick(stored[type]);
    const after = { ...made, id: before.id };
    const current = { id: before.id, version: 1, content: JSON.stringify(before) };
    const updated = await refusal(writes.checkUpdate(access, current, { value: after, exact: after }));
    const wanted = !expected.may('read', before)
      ? 'not-found'
      : expected.may('change', before) && expected.may('change', after)
        ? 'none'
        : 'forbidden';
    expect({ about, before, after, updated }).toEqual({ about, before, after, updated: wanted });
    const isDeleted = await writes.mayDelete(access, type, current).catch(() => 'forbidden');
    const mayDelete = expected.may('change', before) || (expected.may('read', before) ? 'forbidden' : false);
    expect({ about, before, isDeleted }).toEqual({ about, before, isDeleted: mayDelete });
  }
}

test('what patients withhold is kept from whom they mean, on every way, and nothing else is', async () => {
  const tally = { kept: 0, shown: 0, keptWrites: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const random = createRandom(`consents ${round}`);
    const consents = Array.from({ length: 1 + random.below(6) }, (_, i) => randomConsent(random, `c${i}`));
    await world.replace(consents);
    for (const asker of ASKERS) {
      const finalOnly = random.chance(0.3);
      const caller = await world.caller(asker, finalOnly);
      const expected = new Expected(asker, consents, finalOnly);
      const about = { round, is: asker.is[0] };
      await compareReads(world.gate, caller, expected, random, about);
      await compareSideChannels(world.gate, caller, expected, random, about);
      await compareWrites(world.gate, caller, expected, random, about);
      for (const type of TYPES)
        for (const one of stored[type]) {
          tally[expected.may('read', one) ? 'shown' : 'kept'] += 1;
          if (expected.may('read', one) && !expected.may('change', one)) tally.keptWrites += 1;
        }
    }
  }
  // Neither closed nor open to everybody.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(5);
});
