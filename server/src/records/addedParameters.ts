import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { SearchQuery } from '../fhir/search/ast.ts';
import type { Store } from '../store/store.ts';

/**
 * What a search read, unless the index of a parameter that was added at run time may have been incomplete meanwhile.
 *
 * @throws FhirError `busy` when it may: the parameter was changed or removed while the search ran
 */
export async function believed<T>(
  { plans, definitions }: Pick<Store, 'plans' | 'definitions'>,
  query: SearchQuery,
  read: () => Promise<T>,
): Promise<T> {
  if (!plans.hadAdded) return read();
  const added = addedParameters(query, definitions);
  if (added.size === 0) return read();
  const [result] = await Promise.allSettled([read()]);
  if (!(await plans.isCurrent(added))) throw parametersChanged();
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

/** The parameters added at run time that a search depends on, those that its includes may follow among them. */
export function addedParameters(
  query: SearchQuery,
  definitions: Definitions,
): ReadonlySet<SearchParameterDefinition> {
  const added = new Set<SearchParameterDefinition>();
  collect(query.searches, added);
  collect(query.includes, added);
  if (query.includes.some(({ parameter }) => parameter === undefined)) {
    for (const type of definitions.resourceTypes) collect(definitions.searchParameters(type), added);
  }
  return added;
}

function collect(node: unknown, added: Set<SearchParameterDefinition>): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) return node.forEach((item) => collect(item, added));
  if (isDefinition(node)) {
    if (node.added !== undefined) added.add(node);
    return;
  }
  for (const member of Object.values(node)) collect(member, added);
}

export const isDefinition = (node: object): node is SearchParameterDefinition =>
  'url' in node && 'base' in node;

const parametersChanged = () =>
  fhirError(
    'busy',
    'transient',
    'A search parameter of this search was changed or removed while it ran: search again.',
  );
