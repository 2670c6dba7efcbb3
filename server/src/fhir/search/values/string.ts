import { ValueFault } from '../faults.ts';
import { unescapeValue } from '../split.ts';

/** A text to compare with (http://hl7.org/fhir/R4/search.html#string). @throws ValueFault */
export function parseString(text: string): string {
  const value = unescapeValue(text);
  if (value.trim() === '') throw new ValueFault('is only white space: write some text, or use :missing.');
  return value;
}
