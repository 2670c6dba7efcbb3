import type { Patient, ServiceRequest } from '@medplum/fhirtypes';
import { sendResource } from '../processes/sendResource.ts';
import type { Place } from '../processes/target.ts';
import type { ImagingPlan } from './plan.ts';

/** Resources in one transaction. */
const TOGETHER = 200;
const SNOMED = 'http://snomed.info/sct';
const RECORD_NUMBER = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }],
};

/** The number and the family name that images of a patient carry. */
export const patientNumber = (index: number): string => `BENCH${index}`;
export const FAMILY = 'Bench';

const patientOf = (index: number): Patient => ({
  resourceType: 'Patient',
  id: `bench-${index}`,
  identifier: [{ system: 'https://bench.example/mrn', value: patientNumber(index), type: RECORD_NUMBER }],
  name: [{ family: FAMILY, given: [`Number ${index}`] }],
  birthDate: '1980-02-03',
  gender: 'female',
});

/** For X-ray images, of any unit. */
const orderOf = (index: number): ServiceRequest => ({
  resourceType: 'ServiceRequest',
  id: `bench-${index}`,
  status: 'active',
  intent: 'order',
  category: [{ coding: [{ system: SNOMED, code: '363679005' }] }],
  code: { coding: [{ system: SNOMED, code: '19490002', display: 'Ankle X-ray' }] },
  subject: { reference: `Patient/bench-${index}` },
  authoredOn: '2026-11-01T08:00:00Z',
});

const store = async (server: Place, resources: readonly (Patient | ServiceRequest)[]): Promise<void> => {
  for (let from = 0; from < resources.length; from += TOGETHER) {
    const entry = resources.slice(from, from + TOGETHER).map((resource) => {
      const url = `${resource.resourceType}/${resource.id}`;
      return { resource, request: { method: 'PUT', url } };
    });
    await sendResource(server, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  }
};

const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Whose images are sent. */
export const storePatients = (server: Place, { patients }: ImagingPlan): Promise<void> =>
  store(server, indexes(patients).map(patientOf));

/** What the worklist is made of; the patients are there. */
export const storeOrders = (server: Place, { orders }: ImagingPlan): Promise<void> =>
  store(server, indexes(orders).map(orderOf));
