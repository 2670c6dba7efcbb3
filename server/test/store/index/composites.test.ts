import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { JsonObject, Resource } from '../../../src/fhir/resource.ts';
import type { CompositeContext, CompositePath } from '../../../src/store/index/compositePlan.ts';
import { createIndexer } from '../../../src/store/index/indexer.ts';
import { createIndexQuery, type IndexQuery, type PartQuery } from '../../../src/store/index/query.ts';
import type { Indexer } from '../../../src/store/index/rows.ts';
import { r4Definitions } from '../../support/definitions.ts';
import { evaluate, type Evaluated } from './support/evaluate.ts';
import { partQuery } from './support/probe.ts';
import { meets } from './support/rows.ts';
import { place, sampleValue } from './support/sample.ts';

const SECRET = new Uint8Array(16).fill(3);
const COMPOSITES_TESTED_MIN = 70;

describe('composite parameters', () => {
  let definitions: Definitions;
  let indexer: Indexer;
  let query: IndexQuery;

  beforeAll(async () => {
    definitions = await r4Definitions();
    indexer = createIndexer(definitions, SECRET);
    query = createIndexQuery(definitions, SECRET);
  });

  /** Types that each part can be tried with; those that its kind cannot search give no query. */
  function combinationsOf(context: CompositeContext): CompositePath[][] {
    return context.parts.reduce<CompositePath[][]>(
      (found, part) => found.flatMap((head) => alternatives(part.paths).map((path) => [...head, path])),
      [[]],
    );
  }

  function partsOf(
    type: string,
    parameter: SearchParameterDefinition,
    context: CompositeContext,
    resource: Resource,
  ) {
    const base = context.branch.text === type ? undefined : context.branch.text;
    const [element] = evaluate(context.branch.text, type, resource);
    return (parameter.component ?? []).map(({ expression }, i): PartQuery | undefined => {
      const fromResource = expression.startsWith('%resource');
      const found: Evaluated[] = fromResource
        ? evaluate(expression, type, resource)
        : evaluate(expression, type, element?.value, base);
      return found[0] && partQuery(context.parts[i]!.kind, found[0]);
    });
  }

  function faultsOf(type: string, parameter: SearchParameterDefinition, context: CompositeContext): string[] {
    const faults: string[] = [];
    let searched = 0;
    for (const paths of combinationsOf(context)) {
      const name = `${type}?${parameter.code} at ${context.branch.text}(${paths.map((p) => p.resolved![0]!.type).join()})`;
      const one = sample(type, context, paths, 1);
      const two = sample(type, context, paths, 2);
      const first = partsOf(type, parameter, context, one);
      const second = partsOf(type, parameter, context, two);
      if (first.includes(undefined) || second.includes(undefined)) continue;
      searched++;
      const finds = (resource: Resource, parts: (PartQuery | undefined)[]) =>
        meets(indexer.index(resource), query.compositeTerm(type, parameter, parts as PartQuery[]));
      if (!finds(one, first)) faults.push(`${name}: not found`);
      if (finds(two, first)) faults.push(`${name}: found what has other values`);
      const mixed = [first[0], ...second.slice(1)];
      if (finds(one, mixed)) faults.push(`${name}: found by another second value`);
      if (!context.rows) continue;
      const both = merge(one, two, context);
      const fromContext = context.parts.every((part) => part.paths.every((path) => !path.fromResource));
      if (!finds(both, first)) faults.push(`${name}: not found beside another pair`);
      if (fromContext && !finds(both, second)) faults.push(`${name}: second pair not found`);
      if (fromContext && finds(both, mixed)) faults.push(`${name}: pairs were mixed`);
    }
    if (searched === 0) faults.push(`${type}?${parameter.code} at ${context.branch.text}: never searched`);
    return faults;
  }

  test('find a resource by the values that stand together, and by no others', () => {
    const faults: string[] = [];
    let tested = 0;
    for (const type of definitions.resourceTypes) {
      for (const parameter of definitions.searchParameters(type)) {
        if (parameter.type !== 'composite') continue;
        const contexts = query.plan(type, parameter)?.contexts ?? [];
        if (contexts.length === 0) faults.push(`${type}?${parameter.code}: has no context`);
        for (const context of contexts) faults.push(...faultsOf(type, parameter, context));
        tested++;
      }
    }
    expect(faults).toEqual([]);
    expect(tested).toBeGreaterThan(COMPOSITES_TESTED_MIN);
  });
});

/** A path for each of the types that it can lead to. */
function alternatives(paths: CompositePath[]): CompositePath[] {
  return paths.flatMap((path) => path.resolved!.map((resolved) => ({ ...path, resolved: [resolved] })));
}

function sample(type: string, context: CompositeContext, paths: CompositePath[], seed: number): Resource {
  const resource: Resource = { resourceType: type };
  const element: JsonObject = context.branch.text === type ? resource : {};
  if (element !== resource) place(resource, context.resolved![0]!.hops, element);
  for (const { fromResource, resolved } of paths) {
    const { hops, type: valueType } = resolved![0]!;
    place(fromResource ? resource : element, hops, sampleValue(valueType, seed, 'DocumentReference'));
  }
  return resource;
}

/** The first resource, with the second's contexts beside its own. */
function merge(one: Resource, two: Resource, context: CompositeContext): Resource {
  const hop = context.resolved![0]!.hops[0];
  if (hop?.kind !== 'property') throw new Error('a context with rows begins with a property');
  return { ...one, [hop.name]: [...(one[hop.name] as unknown[]), ...(two[hop.name] as unknown[])] };
}
