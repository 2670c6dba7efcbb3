import type { Prefix } from '../ast.ts';
import { ValueFault } from '../faults.ts';

const PREFIXES: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/**
 * `ge2020` -> `ge` and `2020` (http://hl7.org/fhir/R4/search.html#prefix); without a prefix, `eq`.
 *
 * @throws ValueFault when two letters stand there that are no prefix
 */
export function splitPrefix(text: string): { prefix: Prefix; rest: string } {
  const letters = /^[A-Za-z]{2}(?=[-+.\d])/.exec(text)?.[0];
  if (letters === undefined) return { prefix: 'eq', rest: text };
  if (!PREFIXES.has(letters)) {
    throw new ValueFault(
      `has the prefix '${letters}', which does not exist: there are ${[...PREFIXES].join(', ')}.`,
    );
  }
  return { prefix: letters as Prefix, rest: text.slice(2) };
}
