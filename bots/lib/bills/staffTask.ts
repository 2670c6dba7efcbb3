import type { MedplumClient } from '@medplum/core';
import type { Organization, Patient, Reference, Task } from '@medplum/fhirtypes';
import { byIdentifier, derivedNumber, identifier } from './identifiers.ts';

/** Longest text of a Task. */
const TEXT_MAX = 2_000;

export interface StaffQuestion {
  /** What it is about, as `Invoice/1`. */
  focus: string;
  patient?: Reference<Patient>;
  /** Whose staff sees it: the role of billing sees the Tasks of its organisation. */
  owner?: Reference<Organization>;
  /** What is wrong and what to do. */
  text: string;
}

/** Hands over to people what a bot cannot decide: one Task for the same question about the same thing. */
export async function askStaff(medplum: MedplumClient, question: StaffQuestion): Promise<Task> {
  const { focus, patient, owner, text } = question;
  const key = derivedNumber(focus, text);
  return medplum.createResourceIfNoneExist<Task>(
    {
      resourceType: 'Task',
      identifier: [identifier('task', key)],
      status: 'requested',
      intent: 'order',
      code: { text: 'Billing' },
      description: text.slice(0, TEXT_MAX),
      focus: { reference: focus },
      ...(patient && { for: patient }),
      ...(owner && { owner }),
      authoredOn: new Date().toISOString(),
    },
    byIdentifier('task', key),
  );
}
