import { OperationOutcomeError, type MedplumClient } from '@medplum/core';
import type { Patient, Practitioner, Reference, ServiceRequest } from '@medplum/fhirtypes';
import type { FhirServer } from '../fhir/fhirServer.ts';
import { PictureError } from './pictureError.ts';

/** Whose a picture is to be. */
export interface PictureRecords {
  patient: Patient;
  order?: ServiceRequest;
  requester?: Practitioner;
}

/**
 * Reads whose a picture is to be.
 *
 * @param ids of a Patient, and of an order of his
 * @throws PictureError where they are not there; ServerAwayError
 */
export async function readPictureRecords(
  server: Pick<FhirServer, 'client'>,
  ids: { patient: string; order?: string },
): Promise<PictureRecords> {
  const medplum = await server.client();
  const patient = await required(() => medplum.readResource('Patient', ids.patient, FRESH));
  if (ids.order === undefined) return { patient };
  const order = await required(() => medplum.readResource('ServiceRequest', ids.order!, FRESH));
  if (order.subject.reference !== `Patient/${patient.id}`)
    throw new PictureError('The order is of another patient.');
  const requester = await requesterOf(medplum, order);
  return { patient, order, ...(requester && { requester }) };
}

const FRESH = { cache: 'reload' } as const;

async function required<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OperationOutcomeError)
      throw new PictureError('The bridge may not see the patient or the order.');
    throw error;
  }
}

/** His name is wanted, and not needed. */
async function requesterOf(
  medplum: MedplumClient,
  { requester }: ServiceRequest,
): Promise<Practitioner | undefined> {
  if (requester?.reference?.startsWith('Practitioner/') !== true) return undefined;
  try {
    return await medplum.readReference(requester as Reference<Practitioner>, FRESH);
  } catch (error) {
    if (error instanceof OperationOutcomeError) return undefined;
    throw error;
  }
}
