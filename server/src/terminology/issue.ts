import { FhirError, type ErrorCategory, type IssueCode } from '../fhir/outcome.ts';

const ISSUE_TYPES = 'http://hl7.org/fhir/tools/CodeSystem/tx-issue-type';
const MESSAGE_ID = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id';

/** Codes of HL7's list of terminology issues. */
export type TxIssueType =
  | 'not-found'
  | 'not-in-vs'
  | 'this-code-not-in-vs'
  | 'invalid-code'
  | 'invalid-display'
  | 'invalid-data'
  | 'vs-invalid'
  | 'code-rule'
  | 'code-comment'
  | 'display-comment'
  | 'status-check'
  | 'cannot-infer'
  | 'version-error'
  | 'process-note';

/** Something that terminology has to say, as HL7's terminology servers say it. */
export interface TxIssue {
  severity: 'error' | 'warning' | 'information';
  code: IssueCode;
  type?: TxIssueType;
  /** Name of the message in HL7's catalogue. */
  id?: string;
  text: string;
  /** FHIRPath within what was asked about. */
  at?: string;
}

/** As it stands in an OperationOutcome. */
export function outcomeIssue({ severity, code, type, id, text, at }: TxIssue) {
  return {
    ...(id !== undefined && { extension: [{ url: MESSAGE_ID, valueString: id }] }),
    severity,
    code,
    details: { ...(type !== undefined && { coding: [{ system: ISSUE_TYPES, code: type }] }), text },
    ...(at !== undefined && at !== '' && { expression: [at] }),
  };
}

/** A question that cannot be answered: the answer is an OperationOutcome with the issue, and a 4xx. */
export class TerminologyError extends FhirError {
  readonly issue: TxIssue;

  constructor(category: ErrorCategory, issue: TxIssue) {
    super(category, [
      {
        severity: issue.severity,
        code: issue.code,
        diagnostics: issue.text,
        ...(issue.at !== undefined && { expression: [issue.at] }),
      },
    ]);
    this.issue = issue;
  }
}
