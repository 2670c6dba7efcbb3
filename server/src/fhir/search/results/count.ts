import { wrong } from '../faults.ts';
import { COUNT_MAX } from '../limits.ts';

/** `_count` (http://hl7.org/fhir/R4/search.html#count), cut to COUNT_MAX. @throws SearchFault */
export function parseCount(value: string): number {
  if (!/^\d+$/.test(value)) throw wrong(`_count must be a whole number from 0 to ${COUNT_MAX}.`);
  return Math.min(Number(value), COUNT_MAX);
}
