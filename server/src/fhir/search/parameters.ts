import type { SearchParameterDefinition } from '../definitions/types.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, listed, quoted, refused, unknown, unusable, wrong } from './faults.ts';

/** Parameters of every type that are no property of a resource: R4 defines them in words only (search.html#all). */
const WITHOUT_DEFINITION = ['_filter', '_has', '_list'];
/** Defined for every type, but it names a stored query, and there are none. */
const NAMED_QUERY = '_query';
/** Other servers' way through the pages: without it each of them would be the first, and a client would never come to the end. */
const OFFSET = '_offset';

/** The definition of a parameter that can be searched by. @throws SearchFault */
export function searchParameter(
  context: SearchContext,
  type: string,
  code: string,
): SearchParameterDefinition {
  if (code === NAMED_QUERY) throw unusable('There are no named queries here: leave _query out.');
  if (code === OFFSET)
    throw refused('Pages have no numbers here: leave _offset out, and follow the link next of each page.');
  const parameter = context.definitions.searchParameter(type, code);
  if (parameter) return parameter;
  if (WITHOUT_DEFINITION.includes(code)) {
    throw wrong(`'${code}' stands for itself: it cannot be at this place of a chain, a _has or a filter.`);
  }
  if (context.definitions.isPending?.(type, code)) {
    throw unusable(
      `The search parameter ${quoted(code)} of ${type} is not ready: its index is not complete. GET $reindex tells how far it is; POST $reindex starts or resumes it.`,
    );
  }
  throw unknown(
    `${type} has no search parameter ${quoted(code)}. It has: ${parameterCodes(context, type).join(', ')}.`,
  );
}

/** @throws SearchFault when the store cannot search by the parameter */
export function requireSupport(
  context: SearchContext,
  type: string,
  parameter: SearchParameterDefinition,
  modifier?: string,
): void {
  if (context.support.supports(type, parameter, modifier)) return;
  const what =
    modifier === undefined
      ? `'${parameter.code}' (of type ${parameter.type})`
      : `'${parameter.code}' with modifier ':${modifier}'`;
  throw unusable(
    `The search parameter ${what} of ${type} cannot be searched by this server, or not yet: see its CapabilityStatement.`,
  );
}

/** A reference parameter that leads from a type to others. @throws SearchFault */
export function referenceParameter(
  context: SearchContext,
  type: string,
  code: string,
): { parameter: SearchParameterDefinition; targets: readonly string[] } {
  const parameter = searchParameter(context, type, code);
  if (parameter.type !== 'reference') {
    const references = context.definitions.searchParameters(type).filter((p) => p.type === 'reference');
    throw unknown(
      `'${parameter.code}' of ${type} is no reference, so there is nothing to follow. References of ${type}: ${listed(codesOf(references))}.`,
    );
  }
  return { parameter, targets: parameter.target ?? context.definitions.resourceTypes };
}

/** @throws SearchFault when R4 has no such resource type */
export function requireType(context: SearchContext, name: string): void {
  if (!context.definitions.isResourceType(name)) {
    throw new SearchFault('wrong', 'invalid', `There is no resource type ${quoted(name)} in R4.`);
  }
}

/** What a type can be searched by, alphabetical. */
export function parameterCodes(context: SearchContext, type: string): string[] {
  const codes = codesOf(context.definitions.searchParameters(type)).filter((code) => code !== NAMED_QUERY);
  return [...codes, ...WITHOUT_DEFINITION].sort();
}

/** What every one of the types can be searched by. */
export function commonCodes(context: SearchContext, types: readonly string[]): string[] {
  const [first = '', ...others] = types;
  const has = (type: string, code: string) =>
    code === '_text' ||
    WITHOUT_DEFINITION.includes(code) ||
    context.definitions.searchParameter(type, code) !== undefined;
  return parameterCodes(context, first).filter((code) => others.every((type) => has(type, code)));
}

const codesOf = (parameters: readonly SearchParameterDefinition[]) => parameters.map((p) => p.code).sort();
