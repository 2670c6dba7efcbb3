import { randomUUID } from 'node:crypto';
import { fhirError } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { ClosureConcept, Closures } from '../store/terminology/closures.ts';
import { TerminologyError } from './issue.ts';
import type { Coding, Concept } from './model.ts';
import type { LibraryView } from './resources/libraryView.ts';

/** Concepts of one closure table: all pairs of a system are compared. */
export const CLOSURE_CONCEPTS_MAX = 1_000;

export interface ClosureRequest {
  name: string;
  concepts: readonly Coding[];
  /** Version that the client has: all that came after it is told again. */
  since?: number;
}

/** `$closure` (http://hl7.org/fhir/R4/conceptmap-operation-closure.html): a ConceptMap with the relations that are new. */
export async function closure(
  view: LibraryView,
  closures: Closures,
  { name, concepts, since }: ClosureRequest,
): Promise<JsonObject> {
  if (concepts.length === 0 && since === undefined) {
    await closures.reset(name);
    return conceptMap(name, 0, []);
  }
  const wanted = concepts.map(named);
  const table = await closures.add(name, wanted, CLOSURE_CONCEPTS_MAX);
  if (table === 'unknown')
    throw fault('not-found', `There is no closure table '${name}': begin with $closure and its name alone.`);
  if (table === 'too many')
    throw fault('too-costly', `A closure table holds ${CLOSURE_CONCEPTS_MAX} concepts at the most.`);
  return conceptMap(name, table.version, await relations(view, table.concepts, since ?? table.versionBefore));
}

/** @throws FhirError `incorrect` for a coding that names no concept */
function named({ system, code }: Coding, i: number): { system: string; code: string } {
  if (system !== undefined && code !== undefined) return { system, code };
  throw fhirError('incorrect', 'required', `The concept ${i + 1} needs a system and a code.`);
}

const fault = (code: 'not-found' | 'too-costly', text: string): TerminologyError =>
  new TerminologyError(code === 'not-found' ? 'not-found' : 'unprocessable', {
    severity: 'error',
    code,
    text,
  });

/** Of each system the pairs of which one came after a version, and one is above the other. */
async function relations(
  view: LibraryView,
  concepts: readonly ClosureConcept[],
  after: number,
): Promise<JsonObject[]> {
  const groups: JsonObject[] = [];
  for (const system of new Set(concepts.map((one) => one.system))) {
    const content = await view.system(system);
    if (!content) continue;
    const known: { concept: Concept; version: number }[] = [];
    for (const { code, version } of concepts.filter((one) => one.system === system)) {
      const concept = await content.find(code);
      if (concept) known.push({ concept, version });
    }
    const element: JsonObject[] = [];
    for (const below of known) {
      const target: JsonObject[] = [];
      for (const above of known) {
        if (Math.max(below.version, above.version) <= after || above === below) continue;
        if (await content.subsumes(above.concept, below.concept))
          target.push({ code: above.concept.code, equivalence: 'subsumes' });
      }
      if (target.length > 0) element.push({ code: below.concept.code, target });
    }
    if (element.length > 0) groups.push({ source: system, target: system, element });
  }
  return groups;
}

function conceptMap(name: string, version: number, group: JsonObject[]): JsonObject {
  return {
    resourceType: 'ConceptMap',
    id: randomUUID(),
    version: String(version),
    name,
    status: 'active',
    experimental: true,
    date: new Date().toISOString(),
    ...(group.length > 0 && { group }),
  };
}
