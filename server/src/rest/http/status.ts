import { STATUS_CODES } from 'node:http';
import type { ErrorCategory } from '../../fhir/outcome.ts';

/** The one place where an error category becomes an HTTP status (http://hl7.org/fhir/R4/http.html#Status-Codes). */
export const STATUS_OF: Readonly<Record<ErrorCategory, number>> = {
  incorrect: 400,
  login: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'not-acceptable': 406,
  timeout: 408,
  conflict: 409,
  gone: 410,
  'precondition-failed': 412,
  'too-large': 413,
  'uri-too-long': 414,
  'unsupported-media-type': 415,
  unprocessable: 422,
  throttled: 429,
  'headers-too-large': 431,
  fault: 500,
  'not-implemented': 501,
  busy: 503,
};

/** `200 OK`, as the response of a bundle entry says it. */
export const statusText = (status: number) => `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
