import { dateSpan, type DateSpan } from '../fhir/dates.ts';
import { fhirError } from '../fhir/outcome.ts';
import { COUNT_MAX } from '../fhir/search/limits.ts';
import type { OperationParameters } from './parameters.ts';
import { isShown, parameterFault, sentExpression } from './parameterFault.ts';

/** Name of the parameter that carries the sealed position of a page. */
export const PAGE_PARAMETER = '_page';

/**
 * Refuses parameters that the operation does not have: leaving them out would answer another question.
 *
 * @throws FhirError `incorrect` that names what is accepted
 */
export function acceptOnly(
  parameters: OperationParameters,
  operation: string,
  names: readonly string[],
): void {
  for (const { name } of parameters.all) {
    if (names.includes(name) || name === PAGE_PARAMETER) continue;
    const shown = isShown(name) ? `'${name}'` : 'a parameter of this name';
    const accepted = names.length === 0 ? 'no parameters' : names.join(', ');
    throw fhirError(
      'incorrect',
      'not-supported',
      `$${operation} does not take ${shown}; it takes ${accepted}.`,
      sentExpression(name),
    );
  }
}

/** A whole number above 0, or the default. @throws FhirError `incorrect` */
export function positiveInt<T>(parameters: OperationParameters, name: string, byDefault: T): number | T {
  const text = parameters.text(name);
  if (text === undefined) return byDefault;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw parameterFault('value', name, `${name} must be a whole number from 1 up.`);
}

/** Matches of a page: `_count`, cut to the largest page (http://hl7.org/fhir/R4/search.html#count). */
export function pageCount(parameters: OperationParameters): number {
  return Math.min(positiveInt(parameters, '_count', COUNT_MAX), COUNT_MAX);
}

/** The time that a date or dateTime covers. @throws FhirError `incorrect` */
export function time(parameters: OperationParameters, name: string): DateSpan | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  // A plus sign that was not encoded arrives as a space.
  const span = dateSpan(text.replace(/ (\d\d:\d\d)$/, '+$1'));
  if (span) return span;
  throw parameterFault('value', name, `${name} must be a date or time, such as 2026-01-31T09:30:00Z.`);
}

/** @throws FhirError `incorrect` */
export function boolean(parameters: OperationParameters, name: string): boolean | undefined {
  const text = parameters.text(name);
  if (text === undefined) return undefined;
  if (text === 'true' || text === 'false') return text === 'true';
  throw parameterFault('value', name, `${name} must be true or false.`);
}
