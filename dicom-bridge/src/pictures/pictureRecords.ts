import type { Patient, Practitioner, ServiceRequest } from '@medplum/fhirtypes';
import { CreationError } from '../creation/creationError.ts';
import { practitionerOf, readFresh } from '../creation/records.ts';
import type { FhirServer } from '../fhir/fhirServer.ts';

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
 * @throws CreationError where they are not there; ServerAwayError
 */
export async function readPictureRecords(
  server: Pick<FhirServer, 'client'>,
  ids: { patient: string; order?: string },
): Promise<PictureRecords> {
  const medplum = await server.client();
  const patient = await readFresh(medplum, 'Patient', ids.patient);
  if (ids.order === undefined) return { patient };
  const order = await readFresh(medplum, 'ServiceRequest', ids.order);
  if (order.subject.reference !== `Patient/${patient.id}`)
    throw new CreationError('The order is of another patient.');
  const requester = await practitionerOf(medplum, order.requester);
  return { patient, order, ...(requester && { requester }) };
}
