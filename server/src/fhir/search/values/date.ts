import { dateSpan } from '../../dates.ts';
import type { Comparison, Prefix } from '../ast.ts';
import { ValueFault } from '../faults.ts';
import { splitPrefix } from './prefix.ts';

/** A `+` of a zone that was not percent-encoded arrives as a space. */
const LOST_PLUS = /^\d{4}-\d\d-\d\dT[\d:.]+ \d\d:\d\d$/;

/**
 * `[prefix]date` in any precision (http://hl7.org/fhir/R4/search.html#date): milliseconds since 1970 UTC, both ends
 * included.
 *
 * @throws ValueFault
 */
export function parseDate(text: string): Comparison {
  const { prefix, rest } = splitPrefix(text);
  return compareDate(prefix, rest);
}

/** A date without prefix. @throws ValueFault */
export function compareDate(prefix: Prefix, rest: string): Comparison {
  const span = dateSpan(rest);
  if (span) return { prefix, lo: span.loMs, hi: span.hiMs, exact: span.loMs };
  if (LOST_PLUS.test(rest))
    throw new ValueFault('has a space before its zone: write the + of a zone as %2B.');
  throw new ValueFault(
    'is no date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss[.fff]][Z|+hh:mm|-hh:mm], a day and time that exist.',
  );
}
