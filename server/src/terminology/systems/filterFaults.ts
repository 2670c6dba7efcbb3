import { TerminologyError } from '../issue.ts';
import type { ConceptFilter } from '../model.ts';

/** Operators that go along the hierarchy of a code system. */
export const HIERARCHY_OPS: ReadonlySet<string> = new Set([
  'is-a',
  'descendent-of',
  'is-not-a',
  'child-of',
  'descendent-leaf',
  'generalizes',
]);

export const FILTER_OPS: ReadonlySet<string> = new Set([
  ...HIERARCHY_OPS,
  '=',
  'in',
  'not-in',
  'regex',
  'exists',
]);

/** Longest regular expression. */
const REGEX_CHARS_MAX = 1000;

/** @throws TerminologyError for a filter that cannot be carried out by any system */
export function requireUsable(system: string, { property, op, value }: ConceptFilter): void {
  if (value === '')
    throw invalid(
      'UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE',
      `The system ${system} filter with property = ${property}, op = ${op} has no value`,
    );
  if (`${property}${value}`.includes('\0'))
    throw invalid(undefined, 'A filter of the value set has the character U+0000: remove it.');
  if (op === 'exists' && value !== 'true' && value !== 'false')
    throw invalid(
      undefined,
      `The filter "${property} exists ${value}" of the value set needs the value true or false.`,
    );
  if (!FILTER_OPS.has(op)) throw unknownFilter(system, { property, op, value });
  if (op === 'regex' && value.length > REGEX_CHARS_MAX)
    throw invalid(undefined, `A regular expression may have ${REGEX_CHARS_MAX} characters at the most.`);
}

export const unknownFilter = (system: string, { property, op, value }: ConceptFilter): TerminologyError =>
  new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'not-supported',
    type: 'vs-invalid',
    id: 'FILTER_NOT_UNDERSTOOD',
    text: `The filter "${property} ${op} ${value}" from the value set was not understood in the context of ${system}`,
  });

export const invalid = (id: string | undefined, text: string): TerminologyError =>
  new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'invalid',
    type: 'vs-invalid',
    ...(id !== undefined && { id }),
    text,
  });
