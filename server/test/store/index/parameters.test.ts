import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { ResolvedPath } from '../../../src/fhir/path/resolvePath.ts';
import type { JsonObject } from '../../../src/fhir/resource.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import type { ParameterPlan } from '../../../src/store/index/plan.ts';
import { createIndexQuery, type IndexQuery } from '../../../src/store/index/query.ts';
import type { Indexer } from '../../../src/store/index/rows.ts';
import { UNINDEXED_PARAMETERS, UNINDEXED_TYPES } from '../../../src/store/index/unindexed.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { evaluate } from './support/evaluate.ts';
import { probes } from './support/probe.ts';
import { place, sampleValue } from './support/sample.ts';

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i * 7);

/** Every parameter of every type, by the number that R4 and its corrections have. */
const PARAMETERS_TESTED_MIN = 2_000;

describe('every R4 search parameter of every resource type', () => {
  let definitions: Definitions;
  let indexer: Indexer;
  let query: IndexQuery;

  beforeAll(async () => {
    definitions = await r4Definitions();
    indexer = createIndexer(definitions, SECRET);
    query = createIndexQuery(definitions, SECRET);
  });

  /** Faults of one parameter, on resources that have a value of each type that it can have. */
  function faultsOf(type: string, plan: ParameterPlan): string[] {
    const { code, type: kind, expression = '' } = plan.definition;
    let searched = 0;
    const faults: string[] = [];
    for (const { path, target } of pathsOf(plan)) {
      if (UNINDEXED_TYPES[kind]?.includes(path.type)) continue;
      const name = `${type}?${code} (${path.type})`;
      const [resource, other, without] = [1, 2, 0].map((seed) => sampleResource(type, path, target, seed));
      const expected = evaluate(expression, type, resource);
      if (expected.length !== 1) faults.push(`${name}: the expression selects ${expected.length} values`);
      const all = expected.flatMap((found) => probes(query, type, code, kind, found));
      searched += all.length;
      const rows = indexer.index(resource!);
      if (!all.every((probe) => probe(rows))) faults.push(`${name}: not found`);
      const isSame = same(evaluate(expression, type, other), expected);
      const otherRows = indexer.index(isSame ? without! : other!);
      if (all.some((probe) => probe(otherRows))) faults.push(`${name}: found what has another value`);
      const emptyRows = indexer.index({ resourceType: type });
      if (all.some((probe) => probe(emptyRows))) faults.push(`${name}: found what has no value`);
    }
    if (searched === 0) faults.push(`${type}?${code}: never searched`);
    return faults;
  }

  test('finds a resource by the value that fhirpath selects in it, and no resource with another value', () => {
    const faults: string[] = [];
    let tested = 0;
    for (const type of definitions.resourceTypes) {
      for (const definition of definitions.searchParameters(type)) {
        if (definition.type === 'composite' || definition.code in UNINDEXED_PARAMETERS) continue;
        const plan = query.plan(type, definition);
        if (!plan) faults.push(`${type}?${definition.code}: has no plan`);
        else faults.push(...faultsOf(type, plan));
        tested++;
      }
    }
    expect(faults).toEqual([]);
    expect(tested).toBeGreaterThan(PARAMETERS_TESTED_MIN);
  });

  test('are left out only where there is no expression or a column of their own', () => {
    const left = new Set<string>();
    for (const type of definitions.resourceTypes) {
      for (const definition of definitions.searchParameters(type)) {
        if (!query.plan(type, definition)) left.add(definition.code);
      }
    }
    expect([...left].sort()).toEqual(['_content', '_id', '_lastUpdated', '_query', '_text']);
  });

  test('can always be walked by generated code', () => {
    const others: string[] = [];
    for (const type of definitions.resourceTypes) {
      for (const definition of definitions.searchParameters(type)) {
        for (const { slot } of query.plan(type, definition)?.slots ?? []) {
          if (!slot.resolved) others.push(`${type}?${definition.code}`);
        }
      }
    }
    expect(others).toEqual([]);
  });
});

/** Where values of a parameter can stand, with the type that a reference must point at. */
function pathsOf({ slots, definition }: ParameterPlan): { path: ResolvedPath; target: string }[] {
  return slots.flatMap(({ slot, target }) =>
    (slot.resolved ?? []).map((path) => ({ path, target: target ?? firstTarget(definition) })),
  );
}

function firstTarget({ target }: SearchParameterDefinition): string {
  const first = target?.[0];
  return first === undefined || first === 'Resource' ? 'Patient' : first;
}

/** Seed 0: without the value. */
function sampleResource(type: string, path: ResolvedPath, target: string, seed: number) {
  const resource: JsonObject & { resourceType: string } = { resourceType: type };
  if (seed > 0) place(resource, path.hops, sampleValue(path.type, seed, target));
  return resource;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
