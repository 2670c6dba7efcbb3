import type { MedplumClient } from '@medplum/core';
import type { Device, Patient, ServiceRequest } from '@medplum/fhirtypes';

export const CLINIC = 'https://clinic.example/mrn';
const MR = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };
const DCM = 'http://dicom.nema.org/resources/ontology/DCM';
const DEVICE_CODES = 'https://maxray.example/fhir/CodeSystem/maxray-device';

/** A patient with a medical record number. */
export const patientOf = (number: string, more: Partial<Patient> = {}): Patient => ({
  resourceType: 'Patient',
  identifier: [{ system: CLINIC, value: number, type: MR }],
  name: [{ family: 'Müller', given: ['Ann', 'Eva'], prefix: ['Dr.'] }],
  birthDate: '1980-02-03',
  gender: 'female',
  ...more,
});

/** An X-ray unit. */
export const unitOf = (aeTitle: string, modality: string): Device => ({
  resourceType: 'Device',
  identifier: [{ system: 'https://maxray.example/fhir/sid/ae-title', value: aeTitle }],
  status: 'active',
  deviceName: [{ name: `Unit ${aeTitle}`, type: 'user-friendly-name' }],
  property: [
    {
      type: { coding: [{ system: DEVICE_CODES, code: 'modality' }] },
      valueCode: [{ coding: [{ system: DCM, code: modality }] }],
    },
  ],
});

/** An order for X-ray images. */
export const orderOf = (patient: Patient, more: Partial<ServiceRequest> = {}): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: 'http://snomed.info/sct', code: '363679005', display: 'Imaging' }] }],
  code: { coding: [{ system: 'http://snomed.info/sct', code: '19490002', display: 'Ankle X-ray' }] },
  priority: 'urgent',
  subject: { reference: `Patient/${patient.id}` },
  authoredOn: '2026-12-01T23:05:00Z',
  reasonCode: [{ text: 'Fall on the stairs' }],
  bodySite: [{ coding: [{ system: 'http://snomed.info/sct', code: '344001', display: 'Ankle' }] }],
  ...more,
});

/** The numbers that the server has given an order. */
export function numbersIn({ identifier = [] }: ServiceRequest): { accession: string; uid: string } {
  const accession = identifier.find(({ type }) => type?.coding?.some(({ code }) => code === 'ACSN'));
  const uid = identifier.find(({ system }) => system === 'urn:dicom:uid');
  return { accession: accession!.value!, uid: uid!.value!.replace('urn:oid:', '') };
}

/** Makes an order of a new patient. */
export async function placeOrder(
  medplum: MedplumClient,
  number: string,
  more: Partial<ServiceRequest> = {},
  ofPatient: Partial<Patient> = {},
) {
  const patient = await medplum.createResource(patientOf(number, ofPatient));
  const order = await medplum.createResource(orderOf(patient, more));
  return { patient, order, reference: { reference: `ServiceRequest/${order.id}` }, ...numbersIn(order) };
}
