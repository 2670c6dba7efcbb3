import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/types.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { SearchQuery } from '../fhir/search/ast.ts';

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

const isDefinition = (node: object): node is SearchParameterDefinition => 'url' in node && 'base' in node;

/** The index of a parameter is being built anew: what the search read of it may be incomplete. */
export const parametersChanged = () =>
  fhirError(
    'busy',
    'transient',
    'A search parameter of this search was changed or removed while it ran: search again.',
  );
