import { someMembers } from '../../../src/fhir/json/members.ts';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../../src/fhir/definitions/types.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { branchesOf } from '../../../src/fhir/path/branches.ts';
import { pathStart, resolvePath } from '../../../src/fhir/path/resolvePath.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { MAIN_DATE } from '../../../src/store/index/mainDate.ts';
import { MAIN_QUANTITY, NO_MAIN_QUANTITY, type MainQuantity } from '../../../src/store/index/mainQuantity.ts';
import { ORDERED_PARAMETERS } from '../../../src/store/index/orderedParameters.ts';
import { createIndexQuery, type IndexQuery, type TokenValue } from '../../../src/store/index/query.ts';
import type { Indexer, Key } from '../../../src/store/index/rows.ts';
import { UCUM_SYSTEM } from '../../../src/fhir/units/units.ts';
import { r4Definitions } from '../../support/definitions.ts';

const SECRET = new Uint8Array(16).fill(9);
const PUBLIC_BASE = 'http://maxray.example/fhir/R4';
const OBSERVATION_KEYS_MAX = 25;

const heartRate: Resource = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  performer: [{ reference: 'Practitioner/d1' }],
  effectiveDateTime: '2020-01-02T03:04:05+02:00',
  valueQuantity: { value: 72, unit: 'beats/min', system: 'http://unitsofmeasure.org', code: '/min' },
};

const withoutValue: Resource = { ...heartRate };
delete (withoutValue as { valueQuantity?: unknown }).valueQuantity;

test('some parameters alone give their part of the rows', async () => {
  const definitions = await r4Definitions();
  const indexer = createIndexer(definitions, SECRET, { publicBase: PUBLIC_BASE });
  const all = indexer.index(heartRate);
  const codes = definitions.searchParameters('Observation').map(({ code }) => code);
  const only = (...few: string[]) => indexer.only('Observation', new Set(few)).index(heartRate);
  expect(only(...codes)).toEqual(all);
  const patient = only('patient');
  expect(patient.keys.length).toBeGreaterThan(0);
  expect(patient.keys.length).toBeLessThan(all.keys.length);
  for (const code of codes) {
    const { keys, strings, ranges } = only(code);
    expect([...keys].filter((key) => !all.keys.includes(key))).toEqual([]);
    expect(all.strings).toEqual(expect.arrayContaining(strings));
    expect(all.ranges).toEqual(expect.arrayContaining(ranges));
  }
  for (const code of codes) {
    const { index, members } = indexer.only('Observation', new Set([code]));
    const some = members ? someMembers(JSON.stringify(heartRate), members) : heartRate;
    expect(index(some as Resource)).toEqual(index(heartRate));
  }
  expect(indexer.only('Observation', new Set(['patient', '_tag'])).members).toEqual(
    new Set(['resourceType', 'id', 'contained', 'subject', 'meta']),
  );
  expect(indexer.only('Observation', new Set(['code', 'patient']))).toBe(
    indexer.only('Observation', new Set(['patient', 'code'])),
  );
});

describe('the index rows of a resource', () => {
  let definitions: Definitions;
  let indexer: Indexer;
  let query: IndexQuery;

  beforeAll(async () => {
    definitions = await r4Definitions();
    indexer = createIndexer(definitions, SECRET, { publicBase: PUBLIC_BASE });
    query = createIndexQuery(definitions, SECRET, { publicBase: PUBLIC_BASE });
  });

  test('hold few keys for a usual Observation, sorted and each once', () => {
    const { keys } = indexer.index(heartRate);
    expect(keys.length).toBeLessThanOrEqual(OBSERVATION_KEYS_MAX);
    expect([...keys]).toEqual([...new Set(keys)].sort((a, b) => (a < b ? -1 : 1)));
  });

  test('put the main date into the columns only, by its precision and zone', () => {
    const rows = indexer.index(heartRate);
    expect(rows.dateLoMs).toBe(Date.UTC(2020, 0, 2, 1, 4, 5));
    expect(rows.dateHiMs).toBe(Date.UTC(2020, 0, 2, 1, 4, 5, 999));
    expect(rows.ranges.map(({ param }) => param)).not.toContain(query.rangeParams('Observation', 'date')[0]);
  });

  test('name the patient that a resource belongs to', () => {
    const own = query.selfKey('Patient', 'p1');
    expect(indexer.index(heartRate).patient).toBe(own);
    expect(indexer.index({ resourceType: 'Patient', id: 'p1' } as Resource).patient).toBe(own);
    const absolute = { ...heartRate, subject: { reference: `${PUBLIC_BASE}/Patient/p1/_history/3` } };
    expect(indexer.index(absolute).patient).toBe(own);
    expect(
      indexer.index({ ...heartRate, subject: { reference: 'Group/p1' } } as Resource).patient,
    ).toBeNull();
    expect(
      indexer.index({ ...heartRate, subject: { reference: 'http://other.example/Patient/p1' } } as Resource)
        .patient,
    ).toBeNull();
  });

  test('repeat the key of its code, of any system, for the ordered table, and once more for its patient', () => {
    const { ordered, keys, patient } = indexer.index(heartRate);
    const inOrder = (list: Iterable<Key>) => [...list].sort((a, b) => (a < b ? -1 : 1));
    const held = query.orderedKeys('Observation', 'code', { code: '8867-4' })!;
    expect(held).toEqual({ keys: [expect.any(BigInt)], isExact: true });
    const [key] = held.keys as [Key];
    expect([...ordered]).toEqual(inOrder([key, key ^ patient!]));
    expect([...keys]).toContain(key);
    const another = indexer.index({ ...heartRate, subject: { reference: 'Group/p1' } } as Resource);
    expect([...another.ordered]).toEqual([key]);
  });

  test.each<[string, TokenValue]>([
    ['one with a system', { system: 'http://loinc.org', code: '8867-4' }],
    ['one without a system', { system: '', code: '8867-4' }],
  ])('have no row of its own for %s in the ordered table', (_, token) => {
    const { keys } = query.orderedKeys('Observation', 'code', { code: '8867-4' })!;
    expect(query.orderedKeys('Observation', 'code', token)).toEqual({ keys, isExact: false });
  });

  test('have no rows in the ordered table for a system alone, nor for other parameters', () => {
    expect(query.orderedKeys('Observation', 'code', { system: 'http://loinc.org' })).toBeUndefined();
    expect(query.orderedKeys('Observation', 'status', { code: 'final' })).toBeUndefined();
  });

  test.each<[string, object, MainQuantity]>([
    [
      'as it is written and in base units',
      { valueQuantity: { value: 5.4, system: UCUM_SYSTEM, code: 'mg' } },
      { written: Math.fround(5.4), base: Math.fround(0.0054) },
    ],
    [
      'as it is written',
      { valueQuantity: { value: 0.1, unit: 'drops' } },
      { written: Math.fround(0.1), base: NaN },
    ],
    ['unless it has a comparator', { valueQuantity: { value: 5, comparator: '<' } }, NO_MAIN_QUANTITY],
    ['or is none', { valueString: '5' }, NO_MAIN_QUANTITY],
  ])('tell the main quantity, %s', (_, value, quantity) => {
    expect(indexer.index({ ...withoutValue, ...value } as Resource).quantity).toEqual(quantity);
  });

  test('are the same for any order of the properties', () => {
    const reversed = Object.fromEntries(Object.entries(heartRate).reverse()) as Resource;
    expect(indexer.index(reversed)).toEqual(indexer.index(heartRate));
  });

  test('are unreadable with another secret', () => {
    const other = createIndexer(definitions, new Uint8Array(16)).index(heartRate).keys;
    expect([...indexer.index(heartRate).keys].filter((key) => other.includes(key))).toEqual([]);
  });

  test('refuse a date that does not exist, naming its element and not its value', () => {
    const broken = { ...heartRate, effectiveDateTime: '2020-02-30' };
    expect(() => indexer.index(broken)).toThrow('Observation.effective holds a date that does not exist');
  });

  test('refuse a type that FHIR does not have', () => {
    expect(() => indexer.index({ resourceType: 'constructor' })).toThrow('a type that FHIR does not have');
  });

  test('leave out what has the wrong JSON shape, and throw for none', () => {
    const shapes = [null, 0, '', 'x', true, [], {}, [null], [[]], { coding: 'x' }, [{ coding: [null, 3] }]];
    for (const name of Object.keys(heartRate)) {
      for (const shape of shapes) {
        if (name === 'resourceType' || (name === 'effectiveDateTime' && shape === 'x')) continue;
        const rows = indexer.index({ ...heartRate, [name]: shape });
        expect(rows.keys.length).toBeLessThanOrEqual(OBSERVATION_KEYS_MAX);
      }
    }
  });
});

describe('the tables of main dates and ordered parameters', () => {
  test('name date parameters with at most one value', async () => {
    const definitions = await r4Definitions();
    const faults: string[] = [];
    for (const [type, code] of Object.entries(MAIN_DATE)) {
      const parameter = definitions.searchParameter(type, code);
      const branches = branchesOf(parameter?.expression ?? '', type, definitions);
      const paths = branches.flatMap(
        ({ path }) => resolvePath(definitions, pathStart(definitions, type)!, path!.steps) ?? [],
      );
      const single = paths.length > 0 && paths.every((path) => !path.repeats);
      if (parameter?.type !== 'date' || !single) faults.push(`${type}?${code}`);
    }
    for (const [type, codes] of Object.entries(ORDERED_PARAMETERS)) {
      const known = codes.every((code) => definitions.searchParameter(type, code)?.type === 'token');
      if (!known || MAIN_DATE[type] === undefined) faults.push(`${type}: ${codes.join()}`);
    }
    for (const [type, code] of Object.entries(MAIN_QUANTITY)) {
      const known = definitions.searchParameter(type, code)?.type === 'quantity';
      if (!known || ORDERED_PARAMETERS[type] === undefined) faults.push(`${type}?${code}`);
    }
    expect(faults).toEqual([]);
  });
});
