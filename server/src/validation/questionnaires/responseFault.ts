import type { RuleId } from '../rules.ts';

/** A fault of a response, at a FHIRPath below it (`item[0].answer[1].value`). */
export interface ResponseFault {
  rule: RuleId;
  path: string;
  diagnostics: string;
  /** Absent: an error. */
  severity?: 'warning';
}
