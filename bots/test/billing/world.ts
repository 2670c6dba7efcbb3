import type { Condition, Endpoint } from '@medplum/fhirtypes';
import type { BotWorkshop } from '../support/workshop.ts';
import { clinic, definition, insurer, patient, type Stored } from './clinic.ts';

const TYPES = 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type';
const OWN_TYPES = 'https://maxray.example/fhir/CodeSystem/maxray-connection';

const endpoint = (id: string, system: string, code: string, address: string): Stored<Endpoint> => ({
  resourceType: 'Endpoint',
  id,
  identifier: [
    { system: 'https://maxray.example/fhir/sid/x12-sender', value: 'CLINIC' },
    { system: 'https://maxray.example/fhir/sid/x12-receiver', value: 'PAYER' },
  ],
  status: 'active',
  connectionType: { system, code },
  payloadType: [{ text: 'claims' }],
  address,
});

/** Those of the payer, at its address. */
export const fhirEndpoint = (payer: string) => endpoint('fhir', TYPES, 'hl7-fhir-rest', `${payer}/fhir`);
export const x12Endpoint = (payer: string) => endpoint('x12', OWN_TYPES, 'x12-http', `${payer}/x12`);

const condition: Stored<Condition> = {
  resourceType: 'Condition',
  id: 'cough',
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'R05.9' }], text: 'Cough' },
  subject: { reference: 'Patient/ada' },
};

/** The clinic, its patient, two insurers behind the payer (`saguaro` by FHIR, `mesa` by X12), and what a visit costs. */
export async function furnish(workshop: BotWorkshop, payer: string): Promise<void> {
  for (const one of [
    clinic,
    fhirEndpoint(payer),
    x12Endpoint(payer),
    insurer('saguaro', 'fhir'),
    insurer('mesa', 'x12'),
    patient,
    condition,
    definition('visit', 'Encounter', 'G0463', { amount: 100.01 }),
  ])
    await workshop.put(one);
}

/** What tests make of bills. */
export const CLEARED = [
  'PaymentNotice',
  'PaymentReconciliation',
  'ExplanationOfBenefit',
  'ClaimResponse',
  'Claim',
  'CoverageEligibilityResponse',
  'CoverageEligibilityRequest',
  'Invoice',
  'ChargeItem',
  'Account',
  'Task',
  'Coverage',
];

export async function clear(workshop: BotWorkshop): Promise<void> {
  const entry: object[] = [];
  for (const type of CLEARED)
    for (const { id } of await workshop.search(`${type}?_count=200`))
      entry.push({ request: { method: 'DELETE', url: `${type}/${id}` } });
  if (entry.length === 0) return;
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
  await workshop.server.api().post('/').send(bundle).expect(200);
}
