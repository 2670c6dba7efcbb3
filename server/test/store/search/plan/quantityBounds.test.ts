import { beforeAll, expect, test } from '@jest/globals';
import type { Comparison } from '../../../../src/fhir/search/ast.ts';
import { createIndexer } from '../../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery, type IndexTerm } from '../../../../src/store/index/query.ts';
import type { Indexer } from '../../../../src/store/index/rows.ts';
import { numberTest } from '../../../../src/store/index/spanTest.ts';
import { UCUM_SYSTEM } from '../../../../src/fhir/units/units.ts';
import { quantityBounds, type QuantityBounds } from '../../../../src/store/search/plan/quantityBounds.ts';
import { r4Definitions } from '../../../support/definitions.ts';

const SECRET = new Uint8Array(16).fill(9);
let indexer: Indexer;
let query: IndexQuery;

beforeAll(async () => {
  const definitions = await r4Definitions();
  indexer = createIndexer(definitions, SECRET);
  query = createIndexQuery(definitions, SECRET);
});

const five = (prefix: Comparison['prefix']): Comparison => ({ prefix, lo: 4.5, hi: 5.5, exact: 5 });
const mg = { system: UCUM_SYSTEM, code: 'mg' };
const asked = (prefix: Comparison['prefix'], unit: object = {}): IndexTerm[] =>
  query
    .quantityTerms('Observation', 'value-quantity', { test: numberTest(five(prefix)), ...unit })
    .map((term) => ({ kind: 'range', ...term }));
const boundsOf = (terms: readonly IndexTerm[]) => quantityBounds(query, 'Observation', terms);
const code: IndexTerm = { kind: 'keys', keys: [1n] };

test.each<[Comparison['prefix'], number, number]>([
  ['eq', 4.5, 5.5],
  ['gt', 5, Infinity],
  ['ge', 5, Infinity],
  ['sa', 5, Infinity],
  ['lt', -Infinity, 5],
  ['le', -Infinity, 5],
  ['eb', -Infinity, 5],
  ['ap', 4.5, 5.5],
])('%s5, as it is written', (prefix, from, to) => {
  expect(boundsOf(asked(prefix))).toEqual([{ of: 'written', from, to }]);
});

test('in a UCUM unit, base units are compared', () => {
  const [bounds] = boundsOf(asked('gt', mg))!;
  expect(bounds).toEqual({ of: 'base', from: Math.fround(0.005), to: Infinity });
});

test('what is different from a number may be anywhere', () => {
  expect(boundsOf(asked('ne'))).toBeUndefined();
  expect(boundsOf([...asked('gt'), ...asked('ne')])).toBeUndefined();
});

test('of a composite, the quantity counts; of several, each', () => {
  const pair = (terms: IndexTerm[]): IndexTerm => ({ kind: 'all', terms: [code, { kind: 'any', terms }] });
  const above: QuantityBounds = { of: 'written', from: 5, to: Infinity };
  expect(boundsOf([{ kind: 'any', terms: [pair(asked('gt'))] }])).toEqual([above]);
  expect(boundsOf([pair(asked('gt')), pair(asked('lt'))])).toEqual([
    above,
    { of: 'written', from: -Infinity, to: 5 },
  ]);
  expect(boundsOf([pair(asked('gt')), code])).toBeUndefined();
});

test('other numbers than the main quantity tell nothing', () => {
  const params = query.rangeParams('Observation', 'component-value-quantity');
  expect(boundsOf([{ kind: 'range', params, test: numberTest(five('gt')) }])).toBeUndefined();
  expect(quantityBounds(query, 'Condition', asked('gt'))).toBeUndefined();
});

test.each([5, 5.4, 1e-7, 1e39, 1e-60, -0.1])('%d is within the bounds that it has itself', (value) => {
  const quantity = { value, ...mg };
  const { quantity: held } = indexer.index({ resourceType: 'Observation', valueQuantity: quantity } as {
    resourceType: string;
  });
  for (const unit of [{}, mg]) {
    for (const prefix of ['eq', 'ge', 'le'] as const) {
      const test = numberTest({ prefix, lo: value, hi: value, exact: value });
      const terms = query.quantityTerms('Observation', 'value-quantity', { test, ...unit });
      const [bounds] = boundsOf(terms.map((term) => ({ kind: 'range', ...term })))!;
      expect(held[bounds!.of]).toBeGreaterThanOrEqual(bounds!.from);
      expect(held[bounds!.of]).toBeLessThanOrEqual(bounds!.to);
    }
  }
});
