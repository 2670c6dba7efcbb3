import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AccessInteraction } from '../../../src/access/access.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Caller } from '../../../src/records/caller.ts';
import { isAllowed, randomCaller, type RandomCaller } from '../../access/oracle/randomCaller.ts';
import { FAMILIES, randomResource, STATUSES, TYPES, type Type } from '../../access/oracle/world.ts';
import { createRandom } from '../../oracle/data/random.ts';
import { GateWorld, refusal } from './world.ts';

const CALLERS = 300;
const RESOURCES = 25;

type Stored = Resource & { id: string };
type Of<T> = Record<Type, T>;

let world: GateWorld;
const stored = {} as Of<Stored[]>;

beforeAll(async () => {
  world = await GateWorld.open({ validate: () => [] }); // the random resources are about access, not about R4
  const random = createRandom('gate');
  for (const type of TYPES) {
    const ids = Array.from({ length: RESOURCES }, (_, i) => ['a', 'b', 'c'][i] ?? `r${i}`);
    stored[type] = ids.map((id) => ({ ...randomResource(random, type), id }));
    await world.put(...stored[type]);
  }
});
afterAll(() => world.close());

const referenceOf = (value: unknown) => (value as { reference?: string } | undefined)?.reference;
const families = ({ name }: Resource) => ((name ?? []) as { family: string }[]).map(({ family }) => family);

/** What the caller must be shown, by the judge's word alone. */
function expectations(caller: RandomCaller) {
  const seen = (type: Type, interaction: AccessInteraction) =>
    stored[type].filter((resource) => isAllowed(caller, { type, interaction, resource }));
  const patients = seen('Patient', 'search');
  const observations = seen('Observation', 'search');
  const about = (observation: Stored, among: readonly Stored[]) =>
    among.find(({ id }) => referenceOf(observation.subject) === `Patient/${id}`);
  return { seen, patients, observations, about };
}

const idsOf = (resources: readonly { id: string }[]) => resources.map(({ id }) => id).sort();
const namesOf = (type: Type, resources: readonly { id: string }[]) =>
  idsOf(resources).map((id) => `${type}/${id}`);

/** A search; undefined where it is refused because of hidden elements. */
async function unlessHidden(caller: Caller, type: Type, query: string, mayBeRefused: boolean) {
  let found: Awaited<ReturnType<GateWorld['search']>> | undefined;
  const outcome = await refusal(world.search(caller, type, query).then((result) => (found = result)));
  if (found) return found;
  expect([query, outcome, mayBeRefused]).toEqual([query, 'forbidden', true]);
  return undefined;
}

test('random callers are shown what their policies mean, on every way', async () => {
  const tally = { shown: 0, kept: 0, chains: 0, reverse: 0, included: 0 };
  for (let seed = 0; seed < CALLERS; seed++) {
    const judged = randomCaller(seed);
    const caller = world.withGrants(judged.grants);
    const { seen, patients, observations, about } = expectations(judged);
    const hides = (...types: Type[]) => types.some((type) => caller.access.hidden(type, 'search').length > 0);
    for (const type of TYPES) {
      const visible = seen(type, 'search');
      tally.shown += visible.length;
      tally.kept += RESOURCES - visible.length;
      if (caller.access.condition(type, 'search') === false)
        expect([seed, type, visible.length]).toEqual([seed, type, 0]);
      else {
        const { matches, total } = await world.search(caller, type, '_count=100&_total=accurate');
        expect({ seed, matches, total }).toEqual({
          seed,
          matches: namesOf(type, visible),
          total: visible.length,
        });
      }
      const read: Stored[] = [];
      for (const one of stored[type])
        if ((await refusal(world.records.read(caller, type, one.id))) === 'none') read.push(one);
      expect({ seed, type, read: idsOf(read) }).toEqual({ seed, type, read: idsOf(seen(type, 'read')) });
    }

    const random = createRandom(`gate ${seed}`);
    const [family, status] = [random.pick(FAMILIES), random.pick(STATUSES)];
    if (observations.length > 0) {
      const chain = await unlessHidden(
        caller,
        'Observation',
        `subject:Patient.family:exact=${family}&_count=100`,
        hides('Observation', 'Patient'),
      );
      const chained = observations.filter((one) => families(about(one, patients) ?? one).includes(family));
      if (chain)
        expect({ seed, family, chain: chain.matches }).toEqual({
          seed,
          family,
          chain: namesOf('Observation', chained),
        });
      tally.chains += chained.length;
      const include = await unlessHidden(
        caller,
        'Observation',
        '_include=Observation:subject&_count=100',
        hides('Observation'),
      );
      const subjects = new Set(observations.flatMap((one) => about(one, patients) ?? []));
      if (include)
        expect({ seed, included: include.included }).toEqual({
          seed,
          included: namesOf('Patient', [...subjects]),
        });
      tally.included += subjects.size;
    }
    if (patients.length > 0) {
      const reverse = await unlessHidden(
        caller,
        'Patient',
        `_has:Observation:subject:status=${status}&_count=100`,
        hides('Observation', 'Patient'),
      );
      const had = patients.filter((patient) =>
        observations.some((one) => one.status === status && about(one, [patient])),
      );
      if (reverse)
        expect({ seed, status, reverse: reverse.matches }).toEqual({
          seed,
          status,
          reverse: namesOf('Patient', had),
        });
      tally.reverse += had.length;
    }
  }
  // Neither closed nor open to everybody.
  for (const count of Object.values(tally)) expect(count).toBeGreaterThan(20);
});
