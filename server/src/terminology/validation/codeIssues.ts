import type { TxIssue } from '../issue.ts';
import { unknownSystemText } from '../valueSets/faults.ts';
import type { Part } from '../valueSets/compile.ts';

/** The things that can be said of a code, each in the words and under the name that HL7's servers use. */

export const notInValueSet = (valueSet: string, code: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'code-invalid',
  type: 'not-in-vs',
  id: 'None_of_the_provided_codes_are_in_the_value_set_one',
  text: `The provided code '${code}' was not found in the value set '${valueSet}'`,
  at,
});

/** The same of one coding of several. */
export const thisNotInValueSet = (valueSet: string, code: string, at: string): TxIssue => ({
  ...notInValueSet(valueSet, code, at),
  severity: 'information',
  type: 'this-code-not-in-vs',
});

export const noCodingInValueSet = (valueSet: string): TxIssue => ({
  severity: 'error',
  code: 'code-invalid',
  type: 'not-in-vs',
  id: 'TX_GENERAL_CC_ERROR_MESSAGE',
  text: `No valid coding was found for the value set '${valueSet}'`,
});

const inVersion = (version: string | undefined): string =>
  version === undefined ? '' : ` version '${version}'`;

export const unknownCode = (
  system: string,
  version: string | undefined,
  code: string,
  at: string,
): TxIssue => ({
  severity: 'error',
  code: 'code-invalid',
  type: 'invalid-code',
  id: version === undefined ? 'Unknown_Code_in' : 'Unknown_Code_in_Version',
  text: `Unknown code '${code}' in the CodeSystem '${system}'${inVersion(version)}`,
  at,
});

export const unknownInFragment = (
  system: string,
  version: string | undefined,
  code: string,
  at: string,
): TxIssue => ({
  severity: 'warning',
  code: 'code-invalid',
  type: 'invalid-code',
  id: 'UNKNOWN_CODE_IN_FRAGMENT',
  text: `Unknown Code '${code}' in the CodeSystem '${system}'${inVersion(version)} - note that the code system is labeled as a fragment, so the code may be valid in some other fragment`,
  at,
});

export const unknownSystemIssue = (
  system: string,
  version: string | undefined,
  versions: readonly string[],
  at: string,
): TxIssue => ({
  severity: 'error',
  code: 'not-found',
  type: 'not-found',
  ...unknownSystemText(system, version, versions),
  at,
});

export const cannotCheck = (
  valueSet: string,
  kind: 'code system' | 'value set',
  missing: string,
): TxIssue => ({
  severity: 'warning',
  code: 'not-found',
  type: 'vs-invalid',
  id: `UNABLE_TO_CHECK_IF_THE_PROVIDED_CODES_ARE_IN_THE_VALUE_SET_${kind === 'code system' ? 'CS' : 'VS'}`,
  text: `Unable to check whether the code is in the value set '${valueSet}' because the ${kind} ${missing} was not found`,
});

export const noSystem = (at: string): TxIssue => ({
  severity: 'warning',
  code: 'invalid',
  type: 'invalid-data',
  id: 'Coding_has_no_system__cannot_validate',
  text: 'Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided',
  at,
});

export const relativeSystem = (at: string): TxIssue => ({
  severity: 'error',
  code: 'invalid',
  type: 'invalid-data',
  id: 'Terminology_TX_System_Relative',
  text: 'Coding.system must be an absolute reference, not a local reference',
  at,
});

/** R4 has no name for it: "the system must match the specified code system" (codesystem-operation-validate-code.html). */
export const otherSystem = (system: string, asked: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'invalid',
  type: 'invalid-data',
  text: `The coding is of the code system '${system}', not of '${asked}', which was asked for`,
  at,
});

export const systemIsValueSet = (system: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'invalid',
  type: 'invalid-data',
  id: 'Terminology_TX_System_ValueSet2',
  text: `The Coding references a value set, not a code system ('${system}')`,
  at,
});

export const systemIsSupplement = (system: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'invalid',
  type: 'invalid-data',
  id: 'CODESYSTEM_CS_NO_SUPPLEMENT',
  text: `CodeSystem ${system} is a supplement, so can't be used as a value in Coding.system`,
  at,
});

export function cannotInfer(code: string, valueSet: string, matches: readonly string[], at: string): TxIssue {
  const text = `The System URI could not be determined for the code '${code}' in the ValueSet '${valueSet}'`;
  const common = { severity: 'error', code: 'not-found', type: 'cannot-infer', at } as const;
  if (matches.length === 0) return { ...common, id: 'UNABLE_TO_INFER_CODESYSTEM', text };
  return {
    ...common,
    id: 'Unable_to_resolve_system__value_set_has_multiple_matches',
    text: `${text}: value set expansion has multiple matches: [${matches.join(', ')}]`,
  };
}

export const caseDiffers = (code: string, correct: string, system: string, at: string): TxIssue => ({
  severity: 'information',
  code: 'business-rule',
  type: 'code-rule',
  id: 'CODE_CASE_DIFFERENCE',
  text: `The code '${code}' differs from the correct code '${correct}' by case. Although the code system '${system}' is case insensitive, implementers are strongly encouraged to use the correct case anyway`,
  at,
});

export const notActive = (code: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'business-rule',
  type: 'code-rule',
  id: 'STATUS_CODE_WARNING_CODE',
  text: `The code '${code}' is valid but is not active`,
  at,
});

export const abstractCode = (system: string, code: string, at: string): TxIssue => ({
  severity: 'error',
  code: 'business-rule',
  type: 'code-rule',
  id: 'ABSTRACT_CODE_NOT_ALLOWED',
  text: `Code '${system}#${code}' is abstract, and not allowed in this context`,
  at,
});

export const reviewUse = (code: string, status: string, at: string): TxIssue => ({
  severity: 'warning',
  code: 'business-rule',
  type: 'code-comment',
  id: status === 'deprecated' ? 'DEPRECATED_CONCEPT_FOUND' : 'INACTIVE_CONCEPT_FOUND',
  text: `The concept '${code}' has a status of ${status} and its use should be reviewed`,
  at,
});

export const reviewInValueSet = (code: string, system: string, valueSet: string, at: string): TxIssue => ({
  severity: 'warning',
  code: 'business-rule',
  type: 'code-comment',
  id: 'CONCEPT_DEPRECATED_IN_VALUESET',
  text: `The presence of the concept '${code}' in the system '${system}' in the value set ${valueSet} is marked with a status of deprecated and its use should be reviewed`,
  at,
});

/** A reference to something withdrawn, deprecated, experimental or in draft. @param warning as {@link warningOf} gives it */
export function doubtful(warning: string, kind: 'CodeSystem' | 'ValueSet', canonical: string): TxIssue {
  const status = warning.replace('warning-', '');
  return {
    severity: 'information',
    code: 'business-rule',
    type: 'status-check',
    id: `MSG_${status.toUpperCase()}`,
    text: `Reference to ${status} ${kind} ${canonical}`,
  };
}

export function versionMismatch(
  part: Part,
  system: string,
  found: string,
  wanted: string,
  at: string,
): TxIssue {
  const common = { severity: 'error', code: 'invalid', type: 'vs-invalid', at } as const;
  const begin = `The code system '${system}' version '${part.version ?? found}'`;
  const end = `in the ValueSet include is different to the one in the value ('${wanted}')`;
  if (part.version === undefined)
    return {
      ...common,
      severity: 'warning',
      id: 'VALUESET_VALUE_MISMATCH_DEFAULT',
      text: `${begin} for the versionless include ${end}`,
    };
  if (part.saidVersion === part.version)
    return { ...common, id: 'VALUESET_VALUE_MISMATCH', text: `${begin} ${end}` };
  return {
    ...common,
    id: 'VALUESET_VALUE_MISMATCH_CHANGED',
    text: `${begin} resulting from the version '${part.saidVersion ?? ''}' ${end}`,
  };
}
