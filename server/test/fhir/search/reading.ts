import type { Definitions, SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import { FhirError, type Issue } from '../../../src/fhir/outcome.ts';
import type { SearchQuery } from '../../../src/fhir/search/ast.ts';
import {
  parseSearch,
  type ParsedSearch,
  type SearchHandling,
  type SearchScope,
  type SearchSupport,
} from '../../../src/fhir/search/parse.ts';
import { r4Definitions } from '../../support/definitions.ts';

/** Everything that R4 has can be searched, and sorted by where it has an order. */
export const FULL_SUPPORT: SearchSupport = {
  supports: () => true,
  sorts: (_type, parameter) => parameter.type !== 'composite' && parameter.type !== 'special',
};

export interface Options {
  handling?: SearchHandling;
  support?: SearchSupport;
  scope?: Partial<SearchScope>;
  /** Instead of R4's. */
  definitions?: Definitions;
}

/** A parser over R4's definitions whose answers can be written down: parameters are their codes. */
export interface Reading {
  definitions: Definitions;
  parse(type: string, query: string, options?: Options): ParsedSearch;
  /** The query with `parameter` and `by` as codes. */
  query(type: string, query: string, options?: Options): unknown;
  /** The conditions of the one type. */
  conditions(type: string, query: string): unknown[];
  /** The issues of the refusal. */
  issues(type: string, query: string, options?: Options): Issue[];
  /** `code http.name: text` of each issue. */
  refusals(type: string, query: string, options?: Options): string[];
}

/** @param type '' for a search at system level, across all types */
export async function createReading(): Promise<Reading> {
  const definitions = await r4Definitions();

  function parse(type: string, query: string, options: Options = {}): ParsedSearch {
    const scope: SearchScope = {
      level: type === '' ? 'system' : 'type',
      types: type === '' ? definitions.resourceTypes : [type],
      ...options.scope,
    };
    const pairs = [...new URLSearchParams(query)];
    return parseSearch(
      options.definitions ?? definitions,
      options.support ?? FULL_SUPPORT,
      scope,
      pairs,
      options.handling ?? 'strict',
    );
  }

  function issues(type: string, query: string, options?: Options): Issue[] {
    try {
      parse(type, query, options);
    } catch (error) {
      if (error instanceof FhirError && error.category === 'incorrect') return error.issues;
      throw error;
    }
    throw new Error(`'${query}' was not refused`);
  }

  const query = (type: string, text: string, options?: Options) => plain(parse(type, text, options).query);
  return {
    definitions,
    parse,
    query,
    conditions: (type, text) => (query(type, text) as SearchQuery).searches[0]!.conditions,
    issues,
    refusals: (type, text, options) =>
      issues(type, text, options).map(
        ({ code, expression, diagnostics }) => `${code} ${expression?.[0] ?? '-'}: ${diagnostics}`,
      ),
  };
}

/** The same with definitions of parameters as their codes. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, part: unknown) => (isParameter(part) ? part.code : part)));
}

function isParameter(value: unknown): value is SearchParameterDefinition {
  return typeof value === 'object' && value !== null && 'code' in value && 'base' in value && 'url' in value;
}
