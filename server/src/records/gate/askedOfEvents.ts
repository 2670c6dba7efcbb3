import type { Access } from '../../access/access.ts';
import { FhirError } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import type { Store } from '../../store/store.ts';
import { hiddenBy } from './refusals.ts';

type Parts = Pick<Store, 'coming'>;

const SUBSCRIPTION = 'Subscription';
/** `Observation?code=…`, and a topic's filter that leaves the type out. */
const SEARCH = /^(?:([A-Z][A-Za-z]+)\?)?([\w.:-]+=.*)$/s;

/**
 * A Subscription must not ask by what is hidden from whoever writes it: that something is told of, or counted, would tell it.
 *
 * @throws FhirError `forbidden`
 */
export function requireShownParameters(parts: Parts, access: Access, resource: Resource): void {
  if (resource.resourceType !== SUBSCRIPTION) return;
  const { resourceTypes } = parts.coming.definitions;
  const hiding = resourceTypes.filter((type) => access.hidden(type, 'search').length > 0);
  if (hiding.length === 0) return;
  for (const text of [resource.criteria, ...filtersOf(resource)]) {
    const [, named, query] = (typeof text === 'string' && SEARCH.exec(text)) || [];
    if (query === undefined) continue;
    for (const type of named === undefined ? hiding : [named])
      for (const condition of conditionsOf(parts, type, query)) {
        const hidden = access.hiddenParameter(type, condition);
        if (hidden) throw hiddenBy(hidden);
      }
  }
}

/** Texts that stand beside the criteria: the filters of a topic are among them. */
function filtersOf({ _criteria }: Resource): unknown[] {
  const { extension } = (_criteria ?? {}) as { extension?: unknown };
  return Array.isArray(extension) ? (extension as JsonObject[]).flatMap((one) => Object.values(one)) : [];
}

/** What is no search of the type asks nothing of it; whether it may stand there is judged elsewhere. */
function conditionsOf({ coming }: Parts, type: string, query: string): readonly Condition[] {
  const { definitions, support } = coming;
  if (!definitions.isResourceType(type)) return [];
  try {
    const scope = { level: 'type' as const, types: [type] };
    return parseSearch(definitions, support, scope, parseQuery(query), 'lenient').query.searches[0]!
      .conditions;
  } catch (error) {
    if (error instanceof FhirError) return [];
    throw error;
  }
}
