import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { createPathEngine, type PathEngine } from '../../fhir/path/engine.ts';
import type { Tools } from './emitTools.ts';
import type { ContainedTypes } from './containedTypes.ts';
import { ContainedKeys } from './containedKeys.ts';
import { InsideRows } from './insideRows.ts';
import { compileExtractor, type Extractor } from './extractor.ts';
import { createKeyHasher } from './keys.ts';
import { membersOf } from './members.ts';
import { planType } from './plan.ts';
import type { Indexer, IndexRows, PartialIndexer } from './rows.ts';
import { emptySink, rowsOf } from './sink.ts';
import { createUnitConverter } from '../../fhir/units/units.ts';
import { createUnitKeys } from './values/quantity.ts';

export interface IndexerOptions {
  /** Absolute URL of this server's FHIR endpoint, without a slash at its end: references to it become relative. */
  publicBase?: string;
  /** Runs every path by fhirpath, none as generated code. Some 100 times slower; tests compare the two. */
  interpreted?: boolean;
}

interface Compiled {
  /** What it was compiled from. */
  parameters: readonly SearchParameterDefinition[];
  extractor: Extractor;
}

interface Partial extends PartialIndexer {
  /** All of the type, when it was compiled. */
  parameters: readonly SearchParameterDefinition[];
}

/** Indexers by some parameters of a type that are remembered. */
const PARTIAL_INDEXERS_MAX = 1_000;

/**
 * Makes the indexer of a store. What concerns a resource type is compiled when its first resource comes, and again when
 * its search parameters change.
 *
 * @param secret 16 bytes that the keys depend on; the store's index is unreadable with any other
 */
export function createIndexer(
  definitions: Definitions,
  secret: Uint8Array,
  options: IndexerOptions = {},
): Indexer {
  const hasher = createKeyHasher(secret);
  const tools: Tools = {
    hasher,
    units: createUnitKeys(hasher),
    converter: createUnitConverter(),
    ownBase: options.publicBase,
  };
  const containedKeys = new ContainedKeys(hasher);
  const extractors = new Map<string, Compiled>();
  const partial = new Map<string, Partial>();
  /** By the sets that were asked with before, which costs less than their words. */
  const partialBySet = new WeakMap<ReadonlySet<string>, { type: string; made: Partial }>();
  let engine: PathEngine | undefined;

  function extractorOf(resourceType: string): Extractor {
    const parameters = definitions.searchParameters(resourceType);
    let compiled = extractors.get(resourceType);
    if (compiled?.parameters !== parameters) {
      if (!definitions.isResourceType(resourceType)) {
        throw fhirError('incorrect', 'structure', 'The resource is of a type that FHIR does not have.');
      }
      const plan = planType(definitions, hasher, resourceType);
      const walkAll = options.interpreted ?? false;
      const extractor = compileExtractor(plan, tools, () => (engine ??= createPathEngine()), walkAll);
      extractors.set(resourceType, (compiled = { parameters, extractor }));
    }
    return compiled.extractor;
  }

  function only(resourceType: string, codes: ReadonlySet<string>): PartialIndexer {
    const all = definitions.searchParameters(resourceType);
    const known = partialBySet.get(codes);
    if (known?.type === resourceType && known.made.parameters === all) return known.made;
    const key = `${resourceType} ${[...codes].sort().join()}`;
    let made = partial.get(key);
    if (made?.parameters !== all) {
      if (partial.size >= PARTIAL_INDEXERS_MAX) partial.clear();
      partial.set(key, (made = partialIndexer(resourceType, codes, all)));
    }
    partialBySet.set(codes, { type: resourceType, made });
    return made;
  }

  function partialIndexer(type: string, codes: ReadonlySet<string>, all: Partial['parameters']): Partial {
    const some = all.filter(({ code }) => codes.has(code));
    const plan = planType(definitions, hasher, type, some);
    const engineOnce = () => (engine ??= createPathEngine());
    const extractor = compileExtractor(plan, tools, engineOnce, options.interpreted ?? false);
    const index: Indexer['index'] = (resource, inside) => indexBy(extractor, resource, inside);
    return { parameters: all, index, members: options.interpreted ? undefined : membersOf(plan) };
  }

  const indexBy = (
    extractor: Extractor,
    resource: { resourceType: string },
    inside?: ContainedTypes,
    isWhole = false,
  ): IndexRows => {
    const sink = emptySink(resource, inside);
    extractor(resource, sink);
    if ('contained' in resource) {
      containedKeys.add(resource.contained, sink);
      if (isWhole) insideRows.add(resource, sink);
    }
    const id = (resource as { id?: unknown }).id;
    if (resource.resourceType === 'Patient' && typeof id === 'string') {
      sink.patient = hasher.self(`Patient/${id}`);
    }
    return rowsOf(sink);
  };

  const insideRows = new InsideRows(definitions, hasher, only);

  return {
    index: (resource, inside) => indexBy(extractorOf(resource.resourceType), resource, inside, true),
    only,
    selfKey: (type, id) => hasher.self(`${type}/${id}`),
  };
}
