import { fhirError, type FhirError, type IssueCode } from '../fhir/outcome.ts';

/**
 * Where a parameter of an operation is. Parameters in the URL are read as a Parameters resource with the same names
 * (http://hl7.org/fhir/R4/operations.html#request).
 *
 * @param name without quotes
 */
export const parameterExpression = (name: string): string => `Parameters.parameter.where(name = '${name}')`;

/** Whether the name of a parameter, as a client sent it, is shown: anything else may be content that lost its way. */
export const isShown = (name: string): boolean => /^[\w:.$-]{1,40}$/.test(name);

/** The same of a name that a client chose: where it may not be shown, of all of them. */
export const sentExpression = (name: string): string =>
  isShown(name) ? parameterExpression(name) : 'Parameters.parameter';

/** A parameter that is missing, or cannot be used as it is. */
export const parameterFault = (code: IssueCode, name: string, text: string): FhirError =>
  fhirError('incorrect', code, text, parameterExpression(name));
