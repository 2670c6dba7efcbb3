import { beforeAll, describe, expect, test } from '@jest/globals';
import { MatchIndex, type Interest } from '../../src/events/matching/matchIndex.ts';
import { FhirError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { parseQuery } from '../../src/fhir/search/queryString.ts';
import { EventCriteria, type Candidate } from '../../src/records/events/criteria.ts';
import { createIndexer } from '../../src/store/index/indexer.ts';
import { createIndexQuery } from '../../src/store/index/query.ts';
import { canSearch } from '../../src/store/search/conditions/canSearch.ts';
import { canSort } from '../../src/store/search/order/sortColumns.ts';
import { createBindings } from '../oracle/data/bindings.ts';
import { createRandom } from '../oracle/data/random.ts';
import { BASE_MARK } from '../oracle/data/references.ts';
import { createWorld } from '../oracle/data/world.ts';
import { createContext } from '../oracle/evaluate/context.ts';
import { createSelect } from '../oracle/evaluate/paths.ts';
import { createWorldOf, type Stored } from '../oracle/evaluate/world.ts';
import { clausePair } from '../oracle/queries/clause.ts';
import { createSource, withoutWitness, witnessed, type Source } from '../oracle/queries/source.ts';
import { r4Definitions } from '../support/definitions.ts';

const BASE = 'http://t/fhir/R4';
const NOW = Date.parse('2026-01-01T00:00:00Z');
const SEED = Number(process.env.MATCH_SEED ?? 1);
/** For each resource type. */
const CRITERIA = 24;
const CONDITIONS_MAX = 3;
/** Often enough that what is shown in vain is filed anew. */
const ROUNDS = 5;

let criteria: EventCriteria;
let source: Source;
beforeAll(async () => {
  const definitions = await r4Definitions();
  const secret = new Uint8Array(16);
  const index = createIndexQuery(definitions, secret, { publicBase: BASE });
  const support = {
    supports: (...of: Parameters<typeof canSearch> extends [unknown, ...infer Rest] ? Rest : never) =>
      canSearch(index, ...of),
    sorts: (type: string, parameter: Parameters<typeof canSort>[2]) => canSort(index, type, parameter),
  };
  criteria = new EventCriteria({
    coming: { definitions, index, support },
    indexer: createIndexer(definitions, secret, { publicBase: BASE }),
    outbox: { recent: { take: () => undefined } },
  });
  const stored = new Map<string, Stored>();
  for (const write of createWorld(definitions, createBindings(), SEED)) {
    if (write.kind === 'delete') continue;
    const text = JSON.stringify(write.resource).replaceAll(BASE_MARK, BASE);
    const resource = {
      ...JSON.parse(text),
      meta: { lastUpdated: '2020-01-01T00:00:00.000Z' },
    } as Resource & {
      id: string;
    };
    const { resourceType: type, id } = resource;
    stored.set(`${type}/${id}`, { type, id, order: stored.size, resource: resource as never });
  }
  const context = createContext(createWorldOf(BASE, [...stored.values()]), definitions, NOW, {
    select: createSelect(),
  });
  source = createSource(createRandom(`criteria ${SEED}`), context, new Map());
});

/** Random criteria that can be decided on one resource; half of them take their values from one that there is. */
function randomInterests(type: string): Interest[] {
  const { random, context } = source;
  const interests: Interest[] = [];
  while (interests.length < CRITERIA) {
    const witness = random.pick(context.world.ofType(type));
    const from = random.chance(0.5) ? witnessed(source, witness) : withoutWitness(source);
    const pairs = Array.from({ length: 1 + random.below(CONDITIONS_MAX) }, () => clausePair(from, type));
    const own = pairs.map(([name, value]) => [name, value.replaceAll(BASE_MARK, BASE)] as const);
    try {
      const subscription = `${interests.length} ${JSON.stringify(own)}`;
      interests.push({ subscription, type, ...criteria.compile(type, own) });
    } catch (error) {
      if (!(error instanceof FhirError)) throw error; // a chain, a list, and what else takes more than one resource
    }
  }
  return interests;
}

const directly = (interests: readonly Interest[], candidate: Candidate) =>
  interests
    .filter(({ tests }) => tests.every(({ matches }) => matches(candidate)))
    .map(({ subscription }) => subscription);

describe('the index of criteria', () => {
  test('finds what a comparison with each of them finds, whatever they ask', () => {
    const { context, types } = source;
    let [compared, found, withoutClues] = [0, 0, 0];
    for (const type of types) {
      const interests = randomInterests(type);
      const index = new MatchIndex((of, candidate) => criteria.keysOf(of, candidate));
      for (const interest of interests) index.add(interest);
      const candidates = context.world
        .ofType(type)
        .map(({ id, resource }) => criteria.candidate(id, resource as Resource));
      const compare = (present: readonly Interest[]) => {
        for (const candidate of candidates) {
          const expected = directly(present, candidate);
          const matched = index.match({ type, interaction: 'create', current: candidate });
          expect([...matched].sort()).toEqual(expected.sort());
          compared++;
          found += expected.length;
        }
      };
      for (let round = 0; round < ROUNDS; round++) compare(interests);
      const [gone, kept] = [interests.slice(CRITERIA / 2), interests.slice(0, CRITERIA / 2)];
      for (const interest of gone) index.delete(interest);
      compare(kept);
      for (const interest of kept) index.delete(interest);
      expect(index.types).toEqual([]);
      withoutClues += interests.filter(({ clues }) => clues.length === 0).length;
    }
    // Enough that it means something: it was asked for much, much of it was there, and most of it need not be compared with everything.
    expect(compared).toBeGreaterThan(2_000);
    expect(found).toBeGreaterThan(compared);
    expect(withoutClues).toBeLessThan((types.length * CRITERIA) / 3);
  });

  const patient = {
    resourceType: 'Patient',
    id: 'p',
    gender: 'female',
    birthDate: '1980-05-05',
    name: [{ family: 'Curie', given: ['Marie'] }],
  };
  const rate = {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
    effectiveDateTime: '2024-05-05T10:00:00Z',
    valueQuantity: { value: 70, system: 'http://unitsofmeasure.org', code: '/min' },
  };
  const ward = { resourceType: 'Location', id: 'l', position: { latitude: 10, longitude: 10 } };
  const set = { resourceType: 'ValueSet', id: 'v', status: 'active', url: 'http://t/ValueSet/x' };
  test.each<[string, object, (i: number) => string]>([
    ['names', patient, (i) => `name=Cur${i}`],
    ['names as written', patient, (i) => `family:exact=curie${i}`],
    ['parts of names', patient, (i) => `name:contains=urie${i}`],
    ['names among what is common', patient, (i) => `gender=female&name=Cur${i}`],
    ['spans of birth', patient, (i) => `birthdate=ge${1890 + i}&birthdate=lt${1891 + i}`],
    [
      'times',
      rate,
      (i) => `date=ge2023-01-01&date=lt2023-01-${i < 60 ? '02' : '03'}&status=final&_id:not=x${i}`,
    ],
    ['texts of codes', rate, (i) => `code:text=Heart rat${i}`],
    ['values of one code', rate, (i) => `code=8867-4&value-quantity=gt${100 + i}`],
    [
      'values in a unit',
      rate,
      (i) => `code-value-quantity=8867-4$gt${100 + i}|http://unitsofmeasure.org|/min`,
    ],
    ['values of one code or another', rate, (i) => `_filter=code eq x${i} or value-quantity gt ${100 + i}`],
    ['what another lacks', rate, (i) => `code:not=x${i}&status:not=final`],
    ['places', ward, (i) => `near=-${i}|10|5|km`],
    ['what is below URLs', set, (i) => `url:below=http://t/ValueSet/x${i}`],
  ])('compares a resource with hardly any of many that ask for other %s', (_, resource, query) => {
    const { resourceType: type, id } = resource as Resource & { id: string };
    const index = new MatchIndex((of, candidate) => criteria.keysOf(of, candidate));
    let comparisons = 0;
    const counted = (matches: (candidate: Candidate) => boolean) => (candidate: Candidate) => {
      comparisons++;
      return matches(candidate);
    };
    for (let i = 0; i < 80; i++) {
      const { clues, tests } = criteria.compile(type, parseQuery(query(i)));
      const own = tests.map(({ name, matches }) => ({ name, matches: counted(matches) }));
      index.add({ subscription: `s${i}`, type, clues, tests: own });
    }
    const current = criteria.candidate(id, resource as Resource);
    const match = () => index.match({ type, interaction: 'create', current });
    for (let i = 0; i < 40; i++) expect([...match()]).toEqual([]);
    comparisons = 0;
    match();
    expect(comparisons).toBeLessThanOrEqual(2);
  });
});
