import type { Medication, Reference, Resource, SupplyDelivery, SupplyRequest } from '@medplum/fhirtypes';
import type { Drug, DrugKey } from '../codes/medications.ts';
import { DRUGS } from '../codes/medications.ts';
import { concept, hl7, quantity } from '../kit/concept.ts';
import { refer } from '../kit/bundle.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { DAY_MS, day, instant, workingHour } from '../kit/time.ts';
import { LOCATION, ORGANIZATION } from './places.ts';
import { practitioner, STAFF } from './staff.ts';

/** Days before the end of the year at which the pharmacy's stock was filled up. */
const RESTOCKED_DAYS_AGO = 21;
/** Packs of one delivery. */
const RESTOCK_PACKS = 40;

export const medication = (key: DrugKey): Reference<Medication> =>
  refer('Medication', `demo-${DRUGS[key].key}`, DRUGS[key].code.display);

/** The pharmacy's products and the last delivery of each to its stock. */
export function formulary(untilMs: number): Resource[] {
  const drugs: Drug[] = Object.values(DRUGS);
  return drugs.flatMap((drug, index) => [
    medicationOf(drug, index, untilMs),
    orderOf(drug, untilMs),
    deliveryOf(drug, untilMs),
  ]);
}

function medicationOf(drug: Drug, index: number, untilMs: number): Medication {
  return {
    resourceType: 'Medication',
    id: `demo-${drug.key}`,
    identifier: [houseIdentifier('product', `RX-${1001 + index}`)],
    code: concept(drug.code),
    status: 'active',
    form: concept(drug.form),
    amount: {
      numerator: quantity(drug.supply.units, drug.supply.ucum, 0, drug.supply.unit),
      denominator: quantity(1, '{pack}', 0, 'pack'),
    },
    batch: {
      lotNumber: `L${26_000 + index * 31}`,
      expirationDate: day(untilMs + (400 + index * 20) * DAY_MS),
    },
  };
}

const product = (drug: Drug): Reference<Medication> =>
  refer('Medication', `demo-${drug.key}`, drug.code.display);

function orderOf(drug: Drug, untilMs: number): SupplyRequest {
  return {
    resourceType: 'SupplyRequest',
    id: `demo-restock-${drug.key}`,
    status: 'completed',
    category: concept(hl7('supply-kind', 'central', 'Central Supply')),
    priority: 'routine',
    itemReference: product(drug),
    quantity: quantity(RESTOCK_PACKS, '{pack}', 0, 'pack'),
    authoredOn: instant(workingHour(untilMs - (RESTOCKED_DAYS_AGO + 5) * DAY_MS, 3)),
    requester: practitioner(STAFF.nguyen),
    deliverTo: LOCATION.pharmacy,
  };
}

function deliveryOf(drug: Drug, untilMs: number): SupplyDelivery {
  return {
    resourceType: 'SupplyDelivery',
    id: `demo-restock-${drug.key}`,
    basedOn: [refer('SupplyRequest', `demo-restock-${drug.key}`)],
    status: 'completed',
    type: concept(hl7('supply-item-type', 'medication', 'Medication')),
    suppliedItem: {
      quantity: quantity(RESTOCK_PACKS, '{pack}', 0, 'pack'),
      itemReference: product(drug),
    },
    occurrenceDateTime: instant(workingHour(untilMs - RESTOCKED_DAYS_AGO * DAY_MS, 8)),
    supplier: ORGANIZATION.clinic,
    destination: LOCATION.pharmacy,
    receiver: [practitioner(STAFF.nguyen)],
  };
}
