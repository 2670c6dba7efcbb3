import { ifAllowed, search } from './search.ts';
import type { Service } from './service.ts';

/** The part of FHIR's Patient that the page shows. */
export interface Patient {
  id?: string;
  link?: { type?: string; other?: { reference?: string } }[];
  name?: { use?: string; text?: string; family?: string; given?: string[] }[];
  birthDate?: string;
  gender?: string;
  identifier?: { value?: string; type?: { coding?: { code?: string }[] } }[];
}

/** Records of one person that were merged. */
const RECORDS_MAX = 20;
/** Merges that are followed one after the other. */
const MERGES_MAX = 5;
const PATIENT = /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/;

/**
 * Who a patient is now: where the record was merged into another, that one.
 *
 * @param subject reference to the Patient
 * @returns undefined where there is none, or the reader may not see it
 */
export async function readPatient(
  service: Service,
  subject: string | undefined,
): Promise<Patient | undefined> {
  let patient = await patientAt(service, subject);
  for (let merges = 0; merges < MERGES_MAX && patient; merges += 1) {
    const inUse = await patientAt(service, replacementOf(patient));
    if (!inUse) break;
    patient = inUse;
  }
  return patient;
}

/** Ids of the records that were merged into one, and into those. */
export async function mergedInto(service: Service, id: string): Promise<string[]> {
  const ids = new Set<string>();
  let next = [id];
  for (let merges = 0; merges < MERGES_MAX && next.length > 0; merges += 1) {
    const targets = next.map((one) => `Patient/${one}`).join(',');
    const linked = await search<Patient>(service, 'Patient', `Patient?link=${targets}&_count=${RECORDS_MAX}`);
    next = linked.flatMap((one) =>
      one.id !== undefined && !ids.has(one.id) && next.includes(patientIdIn(replacementOf(one)) ?? '')
        ? [one.id]
        : [],
    );
    for (const one of next) ids.add(one);
  }
  return [...ids];
}

async function patientAt(service: Service, reference: string | undefined): Promise<Patient | undefined> {
  const id = patientIdIn(reference);
  return id === undefined ? undefined : ifAllowed(service.json<Patient>(`Patient/${id}`));
}

/** Reference to the Patient that is to be used in place of this one. */
const replacementOf = ({ link = [] }: Patient): string | undefined =>
  link.find(({ type }) => type === 'replaced-by')?.other?.reference;

export const patientIdIn = (reference = ''): string | undefined => PATIENT.exec(reference)?.[1];
