export { decodePart, parseQuery } from '../../fhir/search/queryString.ts';

/** Whether `_pretty=true` asks for indented text. */
export function isPretty(query: readonly (readonly [string, string])[]): boolean {
  return query.some(([name, value]) => name === '_pretty' && value === 'true');
}
