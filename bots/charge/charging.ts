import type { MedplumClient } from '@medplum/core';
import type {
  Account,
  Bundle,
  BundleEntry,
  ChargeItem,
  Encounter,
  Organization,
  Patient,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { chargeItem, chargeNumber } from '../lib/bills/chargeItems.ts';
import { coveragesOf } from '../lib/bills/coverages.ts';
import { byIdentifier, identifier } from '../lib/bills/identifiers.ts';
import { idOf, refer } from '../lib/bills/references.ts';
import { factsOf, type Service, type ServiceFacts } from '../lib/bills/services.ts';
import { askStaff } from '../lib/bills/staffTask.ts';
import { codeKey, price, type Charge } from '../lib/prices/priceList.ts';

/** Most prices for services of one type. */
const PRICES_MAX = 1_000;
/** Most ChargeItems of a visit or a service that are looked at. */
export const CHARGES_MAX = 1_000;
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
const ACCOUNT_TYPE = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PBILLACCT' };

/** What of a visit and a patient bears on charges. */
export interface ChargedService {
  facts: ServiceFacts;
  patient: Patient & { id: string };
  encounter?: Encounter & { id: string };
  organization?: Reference<Organization>;
}

/** What a service is part of. Undefined where it does not tell whose it is, or when it was done. */
export async function look(medplum: MedplumClient, service: Service): Promise<ChargedService | undefined> {
  const facts = factsOf(service);
  if (facts === undefined) return undefined;
  facts.encounter ??= await encounterOfOrders(medplum, facts.orders);
  const patient = await medplum.readResource('Patient', idOf(facts.patient, 'Patient')!);
  const encounterId = idOf(facts.encounter, 'Encounter');
  const encounter =
    encounterId === undefined ? undefined : await medplum.readResource('Encounter', encounterId);
  const organization = encounter?.serviceProvider ?? patient.managingOrganization;
  return {
    facts,
    patient,
    ...(encounter && { encounter }),
    ...(organization?.reference && { organization: { reference: organization.reference } }),
  };
}

/** The visit in which a service was ordered. */
async function encounterOfOrders(
  medplum: MedplumClient,
  orders: readonly Reference[],
): Promise<Reference<Encounter> | undefined> {
  for (const order of orders) {
    for (const type of ['ServiceRequest', 'MedicationRequest'] as const) {
      const id = idOf(order, type);
      const encounter = id === undefined ? undefined : (await medplum.readResource(type, id)).encounter;
      if (idOf(encounter, 'Encounter') !== undefined) return { reference: encounter!.reference! };
    }
  }
  return undefined;
}

/** The ChargeItems of a service, made of the price list if there are none; all of them, or none. */
export async function charge(
  medplum: MedplumClient,
  service: Service,
  about: ChargedService,
): Promise<(ChargeItem & { id: string })[]> {
  const reference = `${service.resourceType}/${service.id}`;
  const ofService = `${byIdentifier('charged', reference)}&_count=${CHARGES_MAX}`;
  const known = await medplum.searchResources('ChargeItem', ofService);
  if (known.length > 0) return known;
  const charges = await pricesOf(medplum, service, about);
  if (charges.length === 0) return [];
  const account = await accountOf(medplum, about);
  const frame = {
    facts: about.facts,
    account,
    ...(about.organization && { organization: about.organization }),
  };
  const entry = charges.map((each): BundleEntry => ({
    resource: chargeItem(service, each, frame),
    request: {
      method: 'POST',
      url: 'ChargeItem',
      ifNoneExist: byIdentifier('charge', chargeNumber(service, each)),
    },
  }));
  await medplum.executeBatch({ resourceType: 'Bundle', type: 'transaction', entry } as Bundle);
  return medplum.searchResources('ChargeItem', ofService);
}

/** What a service costs and has not been charged by others already. What of the price list cannot be used is told to people. */
async function pricesOf(medplum: MedplumClient, service: Service, about: ChargedService): Promise<Charge[]> {
  const { facts, patient, encounter, organization } = about;
  const type = encodeURIComponent(`${RESOURCE_TYPES}|${service.resourceType}`);
  const definitions = await medplum.searchResources(
    'ChargeItemDefinition',
    `status=active&context=${type}&_count=${PRICES_MAX}`,
  );
  if (definitions.length === 0) return [];
  const context: { encounter?: Resource } = encounter ? { encounter } : {};
  const { charges, faults } = price(definitions, { service, patient, when: facts.when, ...context });
  for (const text of faults)
    await askStaff(medplum, {
      focus: `${service.resourceType}/${service.id}`,
      patient: facts.patient,
      ...(organization && { owner: organization }),
      text: `${text} Correct the price list, then charge this service by hand.`,
    });
  if (charges.length === 0) return [];
  const others = await chargedByOthers(medplum, service);
  return charges.filter(({ code }) => !others.has(codeKey(code)));
}

/** Codes that are charged for the service already, by people or another system. */
async function chargedByOthers(medplum: MedplumClient, service: Service): Promise<Set<string>> {
  const reference = `${service.resourceType}/${service.id}`;
  const query = service.resourceType === 'Encounter' ? `context=${reference}` : `service=${reference}`;
  const items = await medplum.searchResources('ChargeItem', `${query}&_count=${CHARGES_MAX}`);
  const isOwn = ({ service: services = [] }: ChargeItem): boolean =>
    service.resourceType !== 'Encounter' || services.length === 0;
  const isInForce = ({ status }: ChargeItem): boolean =>
    status !== 'entered-in-error' && status !== 'aborted';
  return new Set(items.filter((item) => isOwn(item) && isInForce(item)).map(({ code }) => codeKey(code)));
}

/** The patient's account, made with the insurances that are in force where there is none. */
async function accountOf(medplum: MedplumClient, about: ChargedService): Promise<Reference<Account>> {
  const { patient, facts, encounter, organization } = about;
  const named = encounter?.account?.find((account) => idOf(account, 'Account') !== undefined);
  if (named) return { reference: named.reference! };
  const kind = encodeURIComponent(`${ACCOUNT_TYPE.system}|${ACCOUNT_TYPE.code}`);
  const query = `subject=Patient/${patient.id}&type=${kind}&status=active&_sort=_id&_count=1`;
  const [open] = await medplum.searchResources('Account', query);
  if (open) return refer(open);
  const coverages = await coveragesOf(medplum, patient.id, facts.when);
  const made = await medplum.createResourceIfNoneExist<Account>(
    {
      resourceType: 'Account',
      identifier: [identifier('account', patient.id)],
      status: 'active',
      type: { coding: [{ ...ACCOUNT_TYPE, display: 'patient billing account' }] },
      subject: [facts.patient],
      ...(coverages.length > 0 && {
        coverage: coverages.map((coverage, index) => ({ coverage: refer(coverage), priority: index + 1 })),
      }),
      ...(organization && { owner: organization }),
      guarantor: [{ party: facts.patient }],
    },
    byIdentifier('account', patient.id),
  );
  return refer(made);
}
