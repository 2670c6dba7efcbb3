import type { Task } from '@medplum/fhirtypes';
import type { AuditAgent } from '../../audit/record.ts';
import type { Emergency } from '../../store/emergencies/emergencyTable.ts';

/** Code of the task, by which whoever watches over privacy finds it, and a Subscription is told. */
export const REVIEW_CODE = {
  system: 'https://maxray.example/fhir/CodeSystem/maxray-task',
  code: 'break-glass-review',
  display: 'Review an access in an emergency',
};

/**
 * The alert: to look whether a record was opened for good reason. It has no owner and no requester, by which policies would open it,
 * also to the one whom it is about.
 */
export function reviewTask(
  { id, account, patient, reason, started, expires }: Emergency,
  { userName }: AuditAgent,
): Task & { id: string } {
  const about = (text: string, value: object) => ({ type: { text }, ...value });
  return {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [REVIEW_CODE] },
    for: { reference: `Patient/${patient}` },
    authoredOn: started.toISOString(),
    description: reason,
    input: [
      about('user', { valueString: userName === undefined ? account : `${account} (${userName})` }),
      about('open until', { valueDateTime: expires.toISOString() }),
    ],
  } as Task & { id: string };
}
