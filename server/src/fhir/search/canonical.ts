import { parseCanonical } from '../canonical.ts';
import type { SearchParameterDefinition } from '../definitions/types.ts';
import type { Condition, ReferenceValue } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { refused } from './faults.ts';
import { hierarchies, hierarchyCondition } from './hierarchy.ts';

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * A URI; of the `url` of a canonical resource a `|version` is a search on its version
 * (http://hl7.org/fhir/R4/search.html#versions).
 */
export function urlCondition(
  { definitions, support }: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  uris: string[],
): Condition {
  const plain = (values: string[]): Condition => ({ kind: 'uri', parameter, match: 'exact', uris: values });
  const version = parameter.code === 'url' ? definitions.searchParameter(type, 'version') : undefined;
  if (version?.type !== 'token' || !support.supports(type, version, undefined)) return plain(uris);
  const isVersioned = (uri: string) => parseCanonical(uri).version !== undefined;
  const versioned = uris.filter(isVersioned).map((uri): Condition => {
    const { url, version: code } = parseCanonical(uri);
    const ofVersion: Condition = { kind: 'token', parameter: version, tokens: [{ code: code! }] };
    return { kind: 'and', conditions: [plain([url]), ofVersion] };
  });
  const others = uris.filter((uri) => !isVersioned(uri)).map((uri) => parseCanonical(uri).url);
  return anyOf([...(others.length > 0 ? [plain(others)] : []), ...versioned]);
}

/**
 * `:above` and `:below` of references: of canonicals their versions (http://hl7.org/fhir/R4/search.html#versions), of others
 * the hierarchy of what they refer to.
 *
 * @throws SearchFault
 */
export function aroundReference(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  direction: 'above' | 'below',
  references: ReferenceValue[],
): Condition {
  const isVersioned = canonicalOf(context, type, parameter);
  const canonicals = references.filter(isVersioned);
  if (canonicals.length === 0) return hierarchyCondition(context, type, parameter, direction, references);
  if (direction === 'above') {
    throw refused(
      `':above' of '${parameter.code}' cannot look for versions before the one given: use :below, or give url|version of each.`,
    );
  }
  const others = references.filter((reference) => !isVersioned(reference));
  const below = versionsBelow(parameter, canonicals);
  if (others.length === 0) return below;
  return anyOf([below, hierarchyCondition(context, type, parameter, direction, others)]);
}

/** Says which values are canonicals: nothing else has a `|`, and a resource that has a `url` is in no hierarchy. */
function canonicalOf(context: SearchContext, type: string, parameter: SearchParameterDefinition) {
  const { definitions } = context;
  const hasUrl = (target: string) => definitions.searchParameter(target, 'url')?.type === 'uri';
  const leadsToUrl = (parameter.target ?? definitions.resourceTypes).some(hasUrl);
  const isInHierarchy = hierarchies(context, type, parameter).some((one) => !hasUrl(one.type));
  return ({ value, targetType }: ReferenceValue): boolean => {
    if (!leadsToUrl || targetType !== undefined || !ABSOLUTE.test(value)) return false;
    return value.includes('|') || !isInHierarchy;
  };
}

/** Keys of the URLs find the candidates, the versions are told by the contents. */
function versionsBelow(
  parameter: SearchParameterDefinition,
  canonicals: readonly ReferenceValue[],
): Condition {
  const uris = canonicals.map(({ value }) => value.replace(/\|$/, ''));
  const references = uris.map((uri): ReferenceValue => ({ value: parseCanonical(uri).url }));
  return {
    kind: 'and',
    conditions: [
      { kind: 'reference', parameter, references },
      { kind: 'uri', parameter, match: 'version-below', uris },
    ],
  };
}

function anyOf(conditions: Condition[]): Condition {
  return conditions.length === 1 ? conditions[0]! : { kind: 'or', conditions };
}
