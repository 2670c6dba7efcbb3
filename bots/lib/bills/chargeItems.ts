import type { Account, ChargeItem, Organization, Reference } from '@medplum/fhirtypes';
import { priceExtensions } from '../prices/components.ts';
import { codeKey, type Charge } from '../prices/priceList.ts';
import { derivedNumber, identifier } from './identifiers.ts';
import type { Service, ServiceFacts } from './services.ts';

/** What a ChargeItem stands in. */
export interface ChargeFrame {
  facts: ServiceFacts;
  account: Reference<Account>;
  organization?: Reference<Organization>;
}

/** Number of what is charged of a service: one for each code. */
export function chargeNumber(service: Service, charge: Pick<Charge, 'code'>): string {
  return derivedNumber(`${service.resourceType}/${service.id}`, codeKey(charge.code));
}

/** A charge of a service, ready to be billed, with its price as it is now. */
export function chargeItem(
  service: Service,
  charge: Charge,
  { facts, account, organization }: ChargeFrame,
): ChargeItem {
  const reference = `${service.resourceType}/${service.id}`;
  return {
    resourceType: 'ChargeItem',
    identifier: [identifier('charge', chargeNumber(service, charge)), identifier('charged', reference)],
    extension: priceExtensions(charge.components),
    definitionCanonical: [charge.definition],
    status: 'billable',
    code: charge.code,
    subject: facts.patient,
    ...(facts.encounter && { context: facts.encounter }),
    ...facts.occurrence,
    ...(facts.performer.length > 0 && { performer: facts.performer }),
    ...(organization && { performingOrganization: organization }),
    quantity: charge.quantity,
    enteredDate: new Date().toISOString(),
    ...(service.resourceType !== 'Encounter' && { service: [{ reference }] }),
    account: [account],
  };
}
