import { placeOfId } from '../../audit/auditEvent/render.ts';
import { fhirError } from '../../fhir/outcome.ts';

export const AUDIT_EVENT = 'AuditEvent';

/** Whether a resource is a record of the audit log, and not one that is stored as a resource. */
export const isOfLog = (type: string, id: string): boolean =>
  type === AUDIT_EVENT && placeOfId(id) !== undefined;

/** @throws FhirError `unprocessable` for a write under an id of the log: nobody changes what was recorded */
export function requireNotOfLog(type: string, id: string): void {
  if (!isOfLog(type, id)) return;
  const text =
    'AuditEvents with ids of the form audit-NUMBER are those that the server records: they are not written or deleted by anybody. Choose another id.';
  throw fhirError('unprocessable', 'business-rule', text, `${AUDIT_EVENT}.id`);
}
