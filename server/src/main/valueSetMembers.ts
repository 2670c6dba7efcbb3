import { FhirError } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import { viewOf } from '../terminology/resources/libraryView.ts';
import type { Terminology } from '../terminology/terminology.ts';

/**
 * The members of a value set, each as `system|code` and as `|code`, so that a profile can decide by them without asking.
 *
 * @returns undefined where there are more than `max`, or where not all of what it is made of is known here
 */
export async function valueSetMembers(
  terminology: Terminology,
  canonical: string,
  max: number,
): Promise<ReadonlySet<string> | undefined> {
  try {
    const resource = await terminology.valueSet(canonical);
    if (!(await isWhole(terminology, resource))) return undefined;
    const { expansion } = await terminology.expand({ resource }, { ...EXPANSION, count: max + 1 });
    const members = new Set<string>();
    const contains = (expansion as JsonObject).contains as JsonObject[] | undefined;
    if ((contains ?? []).length > max) return undefined;
    for (const { system, code } of contains ?? [])
      members.add(`${String(system)}|${String(code)}`).add(`|${String(code)}`);
    return members;
  } catch (error) {
    if (error instanceof FhirError && error.category !== 'busy') return undefined;
    throw error;
  }
}

const EXPANSION = {
  offset: 0,
  activeOnly: false,
  excludeNested: true,
  excludeNotForUI: false,
  includeDefinition: false,
  includeDesignations: false,
  excludedSystems: [],
  designations: [],
  properties: [],
  echo: [],
};

/** Whether it lists its codes, or takes them from code systems of which all concepts are known. */
async function isWhole(terminology: Terminology, { compose }: JsonObject): Promise<boolean> {
  const { include, exclude } = (compose ?? {}) as { include?: JsonObject[]; exclude?: unknown };
  if (include === undefined || exclude !== undefined) return false;
  const view = await viewOf(terminology.library);
  for (const { system, concept, valueSet } of include) {
    if (typeof system !== 'string' || valueSet !== undefined) return false;
    if (concept !== undefined) continue;
    const { url, version } = parseCanonical(system);
    const found = await view.find('CodeSystem', url, version);
    if (found?.resource.content !== 'complete') return false;
  }
  return true;
}
