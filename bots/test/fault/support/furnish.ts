import { clinic, definition, insurer } from '../../billing/clinic.ts';
import { fhirEndpoint, x12Endpoint } from '../../billing/world.ts';
import { DOCTOR } from '../../notifications/world.ts';
import type { Stage } from './story.ts';

/** What all stories have in common: clinic, doctor, two insurers (`saguaro` by FHIR, `mesa` by X12), and what things cost. */
export async function furnish({ client, gateways }: Stage): Promise<void> {
  for (const one of [
    clinic,
    DOCTOR,
    fhirEndpoint(gateways.payerUrl),
    x12Endpoint(gateways.payerUrl),
    insurer('saguaro', 'fhir'),
    insurer('mesa', 'x12'),
    definition('visit', 'Encounter', 'G0463', { amount: 100.01 }),
    definition('tablets', 'MedicationDispense', 'J8499', { amount: 12.5 }),
  ])
    await client.create(one);
}
