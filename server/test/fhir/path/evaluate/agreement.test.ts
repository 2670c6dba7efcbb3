import { expect, test } from '@jest/globals';
import type { Definitions } from '../../../../src/fhir/definitions/types.ts';
import { createPathEngine, type PathEngine } from '../../../../src/fhir/path/engine.ts';
import { compileExpression, createPathModel } from '../../../../src/fhir/path/evaluate/compileExpression.ts';
import type { PathModel } from '../../../../src/fhir/path/evaluate/run.ts';
import { splitUnion } from '../../../../src/fhir/path/splitUnion.ts';
import type { Resource } from '../../../../src/fhir/resource.ts';
import { r4Definitions } from '../../../support/definitions.ts';
import { archivedFiles, sharedPath } from '../../../support/sharedData.ts';

/** One in so many examples is enough to meet each type. */
const EVERY = 8;

/** A canonical is a uri to `fhirpath`, and none to ours, as HL7's tests have it. */
const KNOWN = ['ConceptMap (ConceptMap.source.ofType(uri))', 'ConceptMap (ConceptMap.target.ofType(uri))'];

const examples = sharedPath('data/r4-examples-4.0.1.tgz');
(examples ? test : test.skip)(
  "fhirpath finds the same by the expressions of R4's search parameters",
  async () => {
    const definitions = await r4Definitions();
    const model = createPathModel(definitions);
    const engine = createPathEngine();
    const both = new Map<string, ReturnType<typeof compileBoth>>();
    const apart = new Set<string>();
    let compared = 0;
    let count = 0;
    for (const { name, content } of archivedFiles(examples!)) {
      if (!name.endsWith('.json') || count++ % EVERY !== 0) continue;
      const resource = JSON.parse(content.toString()) as Resource;
      for (const text of expressionsOf(definitions, resource.resourceType)) {
        const key = `${resource.resourceType} ${text}`;
        if (!both.has(key)) both.set(key, compileBoth(text, resource.resourceType, model, engine));
        const { ours, theirs } = both.get(key)!;
        compared++;
        if (JSON.stringify(ours(resource)) !== JSON.stringify(theirs(resource))) apart.add(key);
      }
    }
    expect(compared).toBeGreaterThan(10_000);
    expect([...apart].filter((key) => !KNOWN.includes(key))).toEqual([]);
  },
);

/** Without the id, whose type `fhirpath` takes from HL7's wrong definition, and without what it would ask others for. */
function expressionsOf(definitions: Definitions, type: string): string[] {
  if (!definitions.isResourceType(type)) return [];
  return definitions
    .searchParameters(type)
    .filter(({ code, embedded }) => code !== '_id' && !embedded)
    .flatMap(({ expression = '' }) => splitUnion(expression))
    .filter((text) => text !== '' && !text.includes('resolve()') && /^\(*(\w+)/.exec(text)?.[1] === type);
}

function compileBoth(text: string, type: string, model: PathModel, engine: PathEngine) {
  const ours = compileExpression(text, { model, type, asFilters: true });
  const theirs = engine.compile(text);
  return {
    ours: (resource: unknown) =>
      ours.evaluate(resource).map(({ shape, value }) => [typeName(shape.name), value]),
    theirs: (resource: unknown) => theirs(resource).map(({ type: name, value }) => [typeName(name), value]),
  };
}

const typeName = (name: string) =>
  /^(Boolean|BackboneElement)$/.test(name)
    ? name.toLowerCase()
    : name.replace(/^Element$/, 'backboneelement');
