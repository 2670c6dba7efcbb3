import type { Patient } from '@medplum/fhirtypes';

/** Merges that are followed one after the other: a record that was merged into one that was merged itself. */
export const MERGES_MAX = 5;

const PATIENT = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})$/;

/** Id of the Patient that is to be used in place of this one (`link` of the type `replaced-by`); undefined: this one is in use. */
export function replacementOf({ link = [] }: Patient): string | undefined {
  const by = link.find(({ type }) => type === 'replaced-by');
  return PATIENT.exec(by?.other.reference ?? '')?.[1];
}

/**
 * Who a patient is now: where the record was merged into another, that one. What is not at hand ends it, and who is merged in a circle is nobody else.
 *
 * @param known Patients by their ids, as far as they may be seen
 */
export function patientInUse(patient: Patient, known: ReadonlyMap<string, Patient>): Patient {
  const seen = new Set([patient.id]);
  let inUse = patient;
  for (let merges = 0; merges < MERGES_MAX; merges += 1) {
    const next = known.get(replacementOf(inUse) ?? '');
    if (!next) break;
    if (seen.has(next.id)) return patient;
    seen.add(next.id);
    inUse = next;
  }
  return inUse;
}
