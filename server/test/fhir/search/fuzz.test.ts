import { beforeAll, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseSearch, type SearchScope } from '../../../src/fhir/search/parse.ts';
import { FULL_SUPPORT, createReading, type Reading } from './reading.ts';

/** Queries a seed; a failure prints its seed and the query. */
const QUERIES = 400;
const SEEDS = Array.from({ length: 25 }, (_, i) => i + 1);
const TYPES = [
  'Patient',
  'Observation',
  'List',
  'DocumentReference',
  'Group',
  'Location',
  'Binary',
  'MolecularSequence',
];

/** What queries are made of, so that they are wrong in the places that matter. */
const NAMES = [
  ...[
    'name',
    'code',
    'subject',
    'patient',
    'birthdate',
    'value-quantity',
    'code-value-quantity',
    'near',
    'item',
    'url',
  ],
  ...[
    '_id',
    '_lastUpdated',
    '_text',
    '_content',
    '_list',
    '_tag',
    '_filter',
    '_has',
    '_type',
    '_sort',
    '_count',
    '_total',
  ],
  ...[
    '_summary',
    '_elements',
    '_include',
    '_revinclude',
    '_contained',
    '_containedType',
    '_explain',
    '_page',
    '_query',
  ],
  ...[
    'relatesTo',
    'characteristic',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'probability',
    'partof',
  ],
  ...[
    'Patient',
    'Observation',
    'Group',
    'List',
    'missing',
    'exact',
    'contains',
    'not',
    'of-type',
    'identifier',
    'above',
  ],
  ...['below', 'iterate', 'in', 'text', 'member', 'encounter', 'organization', ''],
];
const WORDS = [
  ...[
    'a',
    '1',
    '2020-01-01',
    'ge2020',
    'gt5.4',
    'xx9',
    'http://loinc.org|1',
    '|',
    '5.4||mg',
    '10|20|5|km',
    'true',
    'false',
  ],
  ...[
    'Patient/1',
    'Patient/1/_history/2',
    'urn:uuid:1',
    '#a',
    '1e2',
    '1e999',
    '-0',
    '\0',
    '\ud800',
    '\\',
    '\\,',
    '💊',
    'é',
    ' ',
  ],
  ...[
    'eq',
    'ne',
    'co',
    'pr',
    're',
    'in',
    'po',
    'and',
    'or',
    'not',
    '(',
    ')',
    '[',
    ']',
    '"',
    '"x"',
    '"\\u0041"',
    '.',
    '$',
  ],
];
const JOINTS = ['', '', ' ', ':', '.', ',', '|', '$', '-', '[', ']', '_has:', '*'];

/** Mulberry32: small, and the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomQuery(random: () => number): [string, string][] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const join = (words: readonly string[], joints: readonly string[], count: number) =>
    Array.from(
      { length: 1 + Math.floor(random() * count) },
      (_, i) => (i > 0 ? pick(joints) : '') + pick(words),
    ).join('');
  const filter = () => join([...NAMES, ...WORDS], [' ', ' ', ' ', '.', ':', '[', ')'], 12);
  const pair = (): [string, string] => {
    const name = random() < 0.5 ? pick(NAMES) : join(NAMES, JOINTS, 5);
    return name === '_filter' ? [name, filter()] : [name, join([...WORDS, ...NAMES], JOINTS, 4)];
  };
  return Array.from({ length: 1 + Math.floor(random() * 4) }, pair);
}

let reading: Reading;
beforeAll(async () => {
  reading = await createReading();
});

/** What came of a query: used and ignored pairs, or the issues of the refusal. */
function outcome(scope: SearchScope, pairs: [string, string][], handling: 'strict' | 'lenient') {
  try {
    return parseSearch(reading.definitions, FULL_SUPPORT, scope, pairs, handling);
  } catch (error) {
    if (error instanceof FhirError && error.category === 'incorrect') return error.issues;
    throw new Error(
      `${JSON.stringify({ scope: scope.level, type: scope.types[0], pairs, handling })} threw`,
      { cause: error },
    );
  }
}

test.each(SEEDS)('random queries are parsed or refused as incorrect (seed %i)', (seed) => {
  const random = randomNumbers(seed);
  const seen = { parsed: 0, refused: 0 };
  for (let i = 0; i < QUERIES; i++) {
    const pairs = randomQuery(random);
    const system = random() < 0.1;
    const types = system ? reading.definitions.resourceTypes : [TYPES[Math.floor(random() * TYPES.length)]!];
    const scope: SearchScope = { level: system ? 'system' : 'type', types };
    for (const handling of ['strict', 'lenient'] as const) {
      const result = outcome(scope, pairs, handling);
      if (Array.isArray(result)) {
        seen.refused += 1;
        expect(result.length).toBeGreaterThan(0);
        // No text repeats more than plain names: what was sent may be a patient's.
        for (const { diagnostics } of result) expect(diagnostics).not.toMatch(/💊|é|\0/);
      } else {
        seen.parsed += 1;
        if (handling === 'strict') expect(result.ignored).toEqual([]);
        // JSON: no undefined, NaN or Infinity that a cursor or an explanation would lose.
        expect(JSON.stringify(result.query)).not.toMatch(/:null/);
      }
    }
  }
  expect(seen.parsed).toBeGreaterThan(QUERIES / 50);
  expect(seen.refused).toBeGreaterThan(QUERIES / 2);
});
