import { OperationOutcomeError, type MedplumClient } from '@medplum/core';
import type { Practitioner, Reference, Resource, ResourceType } from '@medplum/fhirtypes';
import { CreationError } from './creationError.ts';

const FRESH = { cache: 'reload' } as const;

/** A record as it is now. @throws CreationError where the bridge may not see it, or it is not there; ServerAwayError */
export async function readFresh<T extends ResourceType>(
  medplum: MedplumClient,
  type: T,
  id: string,
): Promise<Extract<Resource, { resourceType: T }> & { id: string }> {
  try {
    return (await medplum.readResource(type, id, FRESH)) as Extract<Resource, { resourceType: T }> & {
      id: string;
    };
  } catch (error) {
    if (error instanceof OperationOutcomeError)
      throw new CreationError(`The bridge may not see the ${type} that the object is to be of.`);
    throw error;
  }
}

/** Who is referred to. The name is wanted, and not needed. @throws ServerAwayError */
export async function practitionerOf(
  medplum: MedplumClient,
  reference: Reference | undefined,
): Promise<Practitioner | undefined> {
  if (reference?.reference?.startsWith('Practitioner/') !== true) return undefined;
  try {
    return await medplum.readReference(reference as Reference<Practitioner>, FRESH);
  } catch (error) {
    if (error instanceof OperationOutcomeError) return undefined;
    throw error;
  }
}
