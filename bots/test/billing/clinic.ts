import type {
  ChargeItemDefinition,
  Coverage,
  Encounter,
  Organization,
  Patient,
  Resource,
} from '@medplum/fhirtypes';

/** A clinic, a patient with two insurances, and what things cost, for tests of billing. */
export type Stored<T extends Resource = Resource> = T & { id: string };

export const HOUSE = 'https://demo.maxray.example/fhir/CodeSystem/charge';
export const HCPCS = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const HL7 = 'http://terminology.hl7.org/CodeSystem';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';

export const clinic: Stored<Organization> = {
  resourceType: 'Organization',
  id: 'clinic',
  identifier: [
    { system: 'http://hl7.org/fhir/sid/us-npi', value: '9000000017' },
    { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' },
  ],
  name: 'MaxRay Test Clinic',
  telecom: [{ system: 'phone', value: '+1 602 555 0100' }],
  address: [{ line: ['1 Main Street'], city: 'Phoenix', state: 'AZ', postalCode: '850040000' }],
};

export const insurer = (id: string, endpoint?: string): Stored<Organization> => ({
  resourceType: 'Organization',
  id,
  identifier: [{ system: 'https://maxray.example/fhir/sid/payer', value: id.toUpperCase() }],
  name: `Insurer ${id}`,
  ...(endpoint && { endpoint: [{ reference: `Endpoint/${endpoint}` }] }),
});

export const patient: Stored<Patient> = {
  resourceType: 'Patient',
  id: 'ada',
  name: [{ family: 'Winter', given: ['Ada'] }],
  gender: 'female',
  birthDate: '1970-03-02',
  address: [{ line: ['2 Side Street'], city: 'Phoenix', state: 'AZ', postalCode: '85004' }],
};

export const coverage = (id: string, payor: string, order: number): Stored<Coverage> => ({
  resourceType: 'Coverage',
  id,
  meta: { profile: ['https://maxray.example/fhir/StructureDefinition/maxray-coverage'] },
  identifier: [{ system: 'https://maxray.example/fhir/sid/member', value: `${id}-1` }],
  status: 'active',
  type: { coding: [{ system: `${HL7}/v3-ActCode`, code: 'HIP' }] },
  subscriber: { reference: 'Patient/ada' },
  subscriberId: '50001',
  beneficiary: { reference: 'Patient/ada' },
  relationship: { coding: [{ system: `${HL7}/subscriber-relationship`, code: 'self' }] },
  period: { start: '2026-01-01', end: '2026-12-31' },
  payor: [{ reference: `Organization/${payor}`, display: `Insurer ${payor}` }],
  class: [
    { type: { coding: [{ system: `${HL7}/coverage-class`, code: 'plan' }] }, value: 'P', name: 'Plan' },
  ],
  order,
});

export const encounter = (id: string, changes: Partial<Encounter> = {}): Stored<Encounter> => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: `${HL7}/v3-ActCode`, code: 'AMB' },
  subject: { reference: 'Patient/ada' },
  period: { start: '2026-06-01T09:00:00-07:00', end: '2026-06-01T09:30:00-07:00' },
  serviceProvider: { reference: 'Organization/clinic' },
  ...changes,
});

/** A price for services of a type. */
export function definition(
  id: string,
  type: string,
  code: string,
  changes: Partial<ChargeItemDefinition> & { amount: number; currency?: 'USD' | 'JPY'; tax?: number },
): Stored<ChargeItemDefinition> {
  const { amount, currency = 'USD', tax, ...others } = changes;
  return {
    resourceType: 'ChargeItemDefinition',
    id,
    url: `https://demo.maxray.example/fhir/ChargeItemDefinition/${id}`,
    version: '1',
    status: 'active',
    code: { coding: [{ system: HCPCS, code }], text: code },
    useContext: [
      {
        code: { system: `${HL7}/usage-context-type`, code: 'focus' },
        valueCodeableConcept: { coding: [{ system: RESOURCE_TYPES, code: type }] },
      },
    ],
    propertyGroup: [
      {
        priceComponent: [
          { type: 'base', amount: { value: amount, currency } },
          ...(tax === undefined ? [] : [{ type: 'tax' as const, factor: tax, code: { text: 'Tax' } }]),
        ],
      },
    ],
    ...others,
  };
}
