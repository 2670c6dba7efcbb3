import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { createPathEngine, type PathEngine } from '../../fhir/path/engine.ts';
import type { Tools } from './emitTools.ts';
import { ContainedKeys } from './containedKeys.ts';
import { compileExtractor, type Extractor } from './extractor.ts';
import { createKeyHasher } from './keys.ts';
import { planType } from './plan.ts';
import type { Indexer } from './rows.ts';
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

  return {
    index(resource, container) {
      const sink = emptySink(resource, container);
      extractorOf(resource.resourceType)(resource, sink);
      if ('contained' in resource) containedKeys.add(resource.contained, sink);
      const id = (resource as { id?: unknown }).id;
      if (resource.resourceType === 'Patient' && typeof id === 'string') {
        sink.patient = hasher.self(`Patient/${id}`);
      }
      return rowsOf(sink);
    },
    selfKey: (type, id) => hasher.self(`${type}/${id}`),
  };
}
