import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SearchParameterDefinition } from '../../../../src/fhir/definitions/types.ts';
import type { Condition, PartValue } from '../../../../src/fhir/search/ast.ts';
import { parseDate } from '../../../../src/fhir/search/values/date.ts';
import { parseNumber } from '../../../../src/fhir/search/values/number.ts';
import { compositeParts } from '../../../../src/fhir/search/values/composite.ts';
import { canSearch } from '../../../../src/store/search/conditions/canSearch.ts';
import { Aliases, contextOf } from '../../../../src/store/search/conditions/context.ts';
import { contentValues } from '../../../../src/store/search/content/contentValues.ts';
import { SqlParameters } from '../../../../src/store/search/sqlParameters.ts';
import { ConditionWorld } from './support.ts';

const MODIFIERS = ['missing', 'not', 'text', 'of-type', 'identifier', 'exact', 'contains', 'above', 'below'];
/** Types with what is rare: every sort of path, composites of several shapes, positions, nested resources. */
const RUN_TYPES = [
  'Bundle',
  'DocumentReference',
  'Location',
  'MolecularSequence',
  'Observation',
  'Patient',
  'ValueSet',
];
const CONDITIONS_MIN = 5_000;

const DATE = parseDate('ge2020');
const NUMBER = parseNumber('lt5');
const TOKEN = { system: 'urn:s', code: 'c' };

function plain(world: ConditionWorld, parameter: SearchParameterDefinition): Condition {
  switch (parameter.type) {
    case 'token':
      return { kind: 'token', parameter, tokens: [TOKEN] };
    case 'string':
      return { kind: 'string', parameter, match: 'starts-with', values: ['x'] };
    case 'uri':
      return { kind: 'uri', parameter, match: 'exact', uris: ['http://a/b'] };
    case 'reference':
      return { kind: 'reference', parameter, references: [{ value: 'Patient/1' }] };
    case 'date':
      return { kind: 'date', parameter, comparisons: [DATE] };
    case 'number':
      return { kind: 'number', parameter, comparisons: [NUMBER] };
    case 'quantity':
      return { kind: 'quantity', parameter, quantities: [{ ...NUMBER, code: 'mg' }] };
    case 'composite':
      return {
        kind: 'composite',
        parameter,
        values: [compositeParts(world.definitions, parameter)!.map(part)],
      };
    case 'special':
      return { kind: 'near', parameter, places: [{ latitude: 1, longitude: 2, distanceM: 3 }] };
  }
}

function part({ type }: SearchParameterDefinition): PartValue {
  if (type === 'token') return { kind: 'token', token: TOKEN };
  if (type === 'reference') return { kind: 'reference', reference: { value: 'Patient/1' } };
  if (type === 'string' || type === 'uri') return { kind: type, value: 'x' };
  if (type === 'date') return { kind: 'date', comparison: DATE };
  return type === 'number' ? { kind: 'number', comparison: NUMBER } : { kind: 'quantity', quantity: NUMBER };
}

function modified(world: ConditionWorld, parameter: SearchParameterDefinition, modifier: string): Condition {
  const condition = plain(world, parameter);
  switch (modifier) {
    case 'missing':
      return { kind: 'missing', parameter, missing: true };
    case 'not':
      return { kind: 'not', condition };
    case 'text':
      return { kind: 'token-text', parameter, match: 'contains', texts: ['x'] };
    case 'of-type':
      return { kind: 'of-type', parameter, values: [{ system: 's', code: 'c', value: 'v' }] };
    case 'identifier':
      return { kind: 'reference-identifier', parameter, tokens: [TOKEN] };
    case 'exact':
    case 'contains':
      return { kind: 'string', parameter, match: modifier, values: ['x'] };
    default: {
      const direction = modifier as 'above' | 'below';
      if (parameter.type === 'uri') return { kind: 'uri', parameter, match: direction, uris: ['http://a/b'] };
      const by = world.parameter('Location', 'partof');
      return {
        kind: 'reference-hierarchy',
        parameter,
        direction,
        type: 'Location',
        by,
        references: [{ value: 'x' }],
      };
    }
  }
}

describe('every search parameter of R4', () => {
  let world: ConditionWorld;

  beforeAll(async () => {
    world = await ConditionWorld.open();
    for (const type of RUN_TYPES) await world.put(`${type}/one`, {});
  });
  afterAll(() => world.close());

  function* conditions(types: readonly string[]): Generator<[type: string, condition: Condition]> {
    for (const type of types) {
      for (const parameter of world.definitions.searchParameters(type)) {
        if (!canSearch(world.index, type, parameter, undefined)) continue;
        yield [type, plain(world, parameter)];
        for (const modifier of MODIFIERS) {
          if (canSearch(world.index, type, parameter, modifier))
            yield [type, modified(world, parameter, modifier)];
        }
      }
    }
  }

  test('has SQL for what it is said to be searched by', () => {
    let written = 0;
    for (const [type, condition] of conditions(world.definitions.resourceTypes)) {
      expect(world.sqlOf(type, condition).sql).not.toBe('');
      written++;
    }
    expect(written).toBeGreaterThan(CONDITIONS_MIN);
  });

  test('has SQL that PostgreSQL takes', async () => {
    for (const [type, condition] of conditions(RUN_TYPES)) {
      const found = await world.find(type, condition);
      // The resources are empty: only what is negative finds them, and what is asked of every Patient.deceased.
      if (condition.kind !== 'missing' && condition.kind !== 'not') expect(found).toEqual([]);
    }
  });

  test('is refused with modifiers that it has no SQL for', () => {
    const can = (type: string, code: string, modifier: string) =>
      canSearch(world.index, type, world.parameter(type, code), modifier);
    expect([can('Patient', 'phonetic', 'exact'), can('Patient', 'phonetic', 'contains')]).toEqual([
      false,
      false,
    ]);
    expect([can('Patient', 'gender', 'text'), can('Patient', 'gender', 'of-type')]).toEqual([true, false]);
    expect([can('Observation', 'code', 'text'), can('Patient', 'identifier', 'of-type')]).toEqual([
      true,
      true,
    ]);
    expect([
      can('Observation', 'code-value-quantity', 'missing'),
      can('Location', 'near', 'missing'),
    ]).toEqual([false, false]);
    expect([can('Patient', '_profile', 'below'), can('Patient', 'name', 'nonsense')]).toEqual([true, false]);
    expect(can('QuestionnaireResponse', 'questionnaire', 'identifier')).toBe(false);
    expect(canSearch(world.index, 'Patient', world.parameter('Patient', '_id'), undefined)).toBe(false);
  });

  test('has values that can be read from the content, if it is a token, a reference or a URI', () => {
    const unreadable: string[] = [];
    const { schema, index, nowMs } = world;
    const shared = {
      schema,
      index,
      nowMs,
      parameters: new SqlParameters(),
      aliases: new Aliases(),
      hasTable: () => true,
    };
    for (const type of world.definitions.resourceTypes) {
      for (const parameter of world.definitions.searchParameters(type)) {
        if (!['token', 'reference', 'uri'].includes(parameter.type) || !index.plan(type, parameter)) continue;
        if (!contentValues(contextOf(shared, type, 'm'), parameter))
          unreadable.push(`${type}.${parameter.code}`);
      }
    }
    expect(unreadable).toEqual([]);
  });
});
