import type { MedplumClient } from '@medplum/core';
import { OperationOutcomeError } from '@medplum/core';
import type { Patient, Practitioner, Reference, RelatedPerson, Resource } from '@medplum/fhirtypes';

/** Whom notifications are for. */
export type Person = Patient | Practitioner | RelatedPerson;

const PERSON = /^(Patient|Practitioner|RelatedPerson)\/[A-Za-z0-9\-.]{1,64}$/;

export const isPersonReference = (reference: string | undefined): boolean => PERSON.test(reference ?? '');

/** Reads what a relative reference names. @returns undefined where it is not there, or not to be seen */
export async function readIfThere<T extends Resource>(
  medplum: MedplumClient,
  reference: Reference<T> | undefined,
): Promise<(T & { id: string }) | undefined> {
  if (reference?.reference === undefined || !/^[A-Z][A-Za-z]+\/[^/]+$/.test(reference.reference))
    return undefined;
  return ifThere(medplum.readReference(reference, { cache: 'reload' })) as Promise<
    (T & { id: string }) | undefined
  >;
}

/** What is read; undefined where it is not there, or not to be seen. */
export async function ifThere<T>(read: PromiseLike<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof OperationOutcomeError &&
  (error.outcome.issue ?? []).some(({ code }) => code === 'not-found' || code === 'deleted');

/** May this person be written to at all? Not the dead, nor records that are out of use. */
export function isToBeTold(person: Person): boolean {
  const isDead =
    person.resourceType === 'Patient' &&
    (person.deceasedBoolean === true || person.deceasedDateTime !== undefined);
  return person.active !== false && !isDead;
}
