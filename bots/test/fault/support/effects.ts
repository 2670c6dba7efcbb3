import type { Communication, Resource } from '@medplum/fhirtypes';
import { CHANNEL_SYSTEM, codeOf } from '../../../lib/notify/codes.ts';
import { readTemplate } from '../../../lib/notify/template.ts';
import type { PersistentClient, Stored } from './persistentClient.ts';

/** What bots make. */
const TYPES = [
  'Account',
  'ChargeItem',
  'Claim',
  'ClaimResponse',
  'Communication',
  'CoverageEligibilityRequest',
  'CoverageEligibilityResponse',
  'ExplanationOfBenefit',
  'Invoice',
  'PaymentNotice',
  'PaymentReconciliation',
  'Task',
] as const;
const PATIENT = /\bcase-\d+\b/;
const REFERENCE = /"reference":"([A-Z]\w+\/[^"]+)"/g;

/** What was made, by the id of its patient. */
export type Effects = Map<string, Stored[]>;

/** All that bots have made; what names no patient is of the patient of what it refers to. */
export async function readEffects(client: PersistentClient): Promise<Effects> {
  const all = (await Promise.all(TYPES.map((type) => client.find(`${type}?_sort=_id`)))).flat();
  const patients = new Map<string, string>();
  const byPatient: Effects = new Map();
  for (const one of all) {
    const patient = PATIENT.exec(JSON.stringify(one))?.[0];
    if (patient !== undefined) patients.set(`${one.resourceType}/${one.id}`, patient);
  }
  for (const one of all) {
    const patient = patients.get(`${one.resourceType}/${one.id}`) ?? patientBehind(one, patients);
    byPatient.set(patient, [...(byPatient.get(patient) ?? []), one]);
  }
  return byPatient;
}

function patientBehind(one: Stored, patients: ReadonlyMap<string, string>): string {
  const references = [...JSON.stringify(one).matchAll(REFERENCE)].map(([, reference]) => reference!);
  return (
    references.map((reference) => patients.get(reference)).find((found) => found !== undefined) ?? 'nobody'
  );
}

/** A thing that was made, as stories name it. */
export function effectOf(one: Resource): string {
  const { resourceType, status = '' } = one as Resource & { status?: string };
  return one.resourceType === 'Communication' ? messageOf(one) : `${resourceType}: ${status}`;
}

function messageOf({ status, medium, recipient, extension }: Communication): string {
  const [to] = recipient![0]!.reference!.split('/');
  const channel = channelOf({ medium } as Communication);
  return `${channel ?? `notice ${readTemplate(extension)?.name}`} to ${to}: ${status}`;
}

/** By what a message is sent; undefined: it is a notice. */
export const channelOf = ({ medium }: Communication): string | undefined => codeOf(medium, CHANNEL_SYSTEM);
