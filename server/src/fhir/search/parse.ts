import type { Definitions, SearchParameterDefinition } from '../definitions/types.ts';
import { FhirError, errorIssue, type Issue } from '../outcome.ts';
import type { Criterion, SearchQuery } from './ast.ts';
import { splitUnescaped } from './split.ts';

/** Page size when the client names none. */
export const COUNT_DEFAULT = 20;
/** Largest page; a larger `_count` is cut to it (http://hl7.org/fhir/R4/search.html#count). */
export const COUNT_MAX = 1000;
/** Most parameters in one query. */
export const PARAMETERS_MAX = 50;
/** Most alternatives of one parameter. */
export const VALUES_MAX = 10_000;

/** Name of the parameter that carries the sealed position of a page. */
export const PAGE_PARAMETER = '_page';

/** Parameters that say how to answer, not what to find; the HTTP surface reads them. */
const PRESENTATION = new Set(['_format', '_pretty']);

export type SearchHandling = 'strict' | 'lenient';

/** A parsed search and, with lenient handling, what was left out of it. */
export interface ParsedSearch {
  query: SearchQuery;
  /** Pairs of the query that were used, in order: the `self` link. */
  used: [string, string][];
  ignored: Issue[];
}

/** Reading of one kind of parameter: what this server can search today. */
export interface SearchSupport {
  supports(type: string, parameter: SearchParameterDefinition, modifier: string | undefined): boolean;
}

/**
 * Query pairs of a type-level search -> AST.
 *
 * @throws FhirError `incorrect`: with strict handling on any part that cannot be used, always on broken values
 */
export function parseSearch(
  definitions: Definitions,
  support: SearchSupport,
  type: string,
  pairs: readonly (readonly [string, string])[],
  handling: SearchHandling,
): ParsedSearch {
  const query: SearchQuery = { type, criteria: [], count: COUNT_DEFAULT };
  const used: [string, string][] = [];
  const faults: Issue[] = [];
  if (pairs.length > PARAMETERS_MAX) throw tooMany(`more than ${PARAMETERS_MAX} parameters`);
  for (const [name, value] of pairs) {
    if (PRESENTATION.has(name)) continue;
    if (name === PAGE_PARAMETER) {
      query.page = value;
      continue;
    }
    if (name === '_count') query.count = parseCount(value);
    else {
      const criterion = parseCriterion(definitions, support, type, name, value);
      if ('diagnostics' in criterion) {
        faults.push(criterion);
        continue;
      }
      query.criteria.push(criterion);
    }
    used.push([name, value]);
  }
  if (handling === 'strict' && faults.length > 0) throw new FhirError('incorrect', faults);
  return { query, used, ignored: faults.map((fault) => ({ ...fault, severity: 'warning' })) };
}

function parseCriterion(
  definitions: Definitions,
  support: SearchSupport,
  type: string,
  name: string,
  value: string,
): Criterion | Issue {
  const colon = name.indexOf(':');
  const code = colon < 0 ? name : name.slice(0, colon);
  const modifier = colon < 0 ? undefined : name.slice(colon + 1);
  const parameter = definitions.searchParameter(type, code);
  if (parameter === undefined) {
    const known = definitions
      .searchParameters(type)
      .map((p) => p.code)
      .join(', ');
    return errorIssue(
      'not-supported',
      `${type} has no search parameter '${printable(code)}'. It has: ${known}.`,
    );
  }
  if (!support.supports(type, parameter, modifier)) {
    const part =
      modifier === undefined
        ? `'${code}' (of type ${parameter.type})`
        : `'${code}' with modifier ':${printable(modifier)}'`;
    return errorIssue(
      'not-supported',
      `The search parameter ${part} of ${type} cannot be searched by this server: see its CapabilityStatement.`,
    );
  }
  const values = splitUnescaped(value, ',');
  if (values.length > VALUES_MAX) throw tooMany(`more than ${VALUES_MAX} values in '${code}'`);
  if (values.some((part) => part === '')) {
    return errorIssue(
      'invalid',
      `The search parameter '${code}' has an empty value: give a value, or leave the parameter out.`,
    );
  }
  return modifier === undefined ? { parameter, values } : { parameter, modifier, values };
}

function parseCount(value: string): number {
  if (!/^\d{1,9}$/.test(value)) {
    throw new FhirError('incorrect', [
      errorIssue('invalid', `_count must be a whole number from 0 to ${COUNT_MAX}.`),
    ]);
  }
  return Math.min(Number(value), COUNT_MAX);
}

const tooMany = (what: string) =>
  new FhirError('incorrect', [errorIssue('too-costly', `The query has ${what}: split it into several.`)]);

/** Names come from the client: shown only when short and plain. */
const printable = (text: string) => (/^[\w.:-]{1,64}$/.test(text) ? text : '(unprintable)');
