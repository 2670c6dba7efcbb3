import type { Condition, MedicationDispense, MedicationRequest, Reference } from '@medplum/fhirtypes';
import type { IllnessKey } from '../codes/conditions.ts';
import { ILLNESSES } from '../codes/conditions.ts';
import type { Drug, DrugKey } from '../codes/medications.ts';
import { DISPENSING_FEE, DRUGS } from '../codes/medications.ts';
import { medication } from '../clinic/formulary.ts';
import { LOCATION, ORGANIZATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { concept, hl7, quantity, SYSTEM } from '../kit/concept.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming } from '../kit/maxray.ts';
import { DAY_MS, HOUR_MS, instant } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';

/** HL7 keeps this one code system under an address of its own. */
const OUTPATIENT = {
  system: 'http://terminology.hl7.org/fhir/CodeSystem/medicationdispense-category',
  code: 'outpatient',
  display: 'Outpatient',
};
/** Renewals that a prescription against a long-lasting illness allows. */
const REPEATS = 3;

/** Prescribes what the patient's illnesses ask for; the pharmacy dispenses it on the same or the next day. */
export function prescribeRegular(story: Story, visit: Visit): void {
  for (const key of story.person.illnesses) {
    for (const drug of drugsOf(story, key)) prescribe(story, visit, drug, story.conditions.get(key), REPEATS);
  }
}

/** A second drug against high blood pressure is for those of 60 and more. */
function drugsOf(story: Story, key: IllnessKey): readonly DrugKey[] {
  const drugs: readonly DrugKey[] = ILLNESSES[key].drugs;
  return key === 'hypertension' && story.person.age < 60 ? drugs.slice(0, 1) : drugs;
}

/** One prescription and its dispense. */
export function prescribe(
  story: Story,
  visit: Visit,
  key: DrugKey,
  reason: Reference<Condition> | undefined,
  repeats = 0,
): Reference<MedicationRequest> {
  const drug: Drug = DRUGS[key];
  const request = story.add(requestOf(story, visit, key, reason, repeats));
  const dispense = story.add(dispenseOf(story, visit, key, request));
  visit.charges.push({ code: drug.code, cents: drug.priceCents, service: dispense.reference as string });
  if (repeats === 0) visit.charges.push({ ...DISPENSING_FEE, service: dispense.reference as string });
  return request;
}

function requestOf(
  story: Story,
  visit: Visit,
  key: DrugKey,
  reason: Reference<Condition> | undefined,
  repeats: number,
): MedicationRequest {
  const { supply } = DRUGS[key];
  const number = story.id('prescription');
  return {
    resourceType: 'MedicationRequest',
    id: number,
    meta: claiming('prescription'),
    identifier: [houseIdentifier('prescription', number.toUpperCase())],
    status: repeats > 0 ? 'active' : 'completed',
    intent: 'order',
    category: [concept(hl7('medicationrequest-category', 'outpatient', 'Outpatient'))],
    medicationReference: medication(key),
    subject: story.subject,
    encounter: visit.encounter,
    authoredOn: instant(visit.endMs - 60_000),
    requester: practitioner(visit.doctor),
    ...(reason && { reasonReference: [reason] }),
    dosageInstruction: [dosage(DRUGS[key])],
    dispenseRequest: {
      validityPeriod: { start: instant(visit.endMs), end: instant(visit.endMs + 365 * DAY_MS) },
      numberOfRepeatsAllowed: repeats,
      quantity: quantity(supply.units, supply.ucum, 0, supply.unit),
      expectedSupplyDuration: { value: supply.days, unit: 'days', system: SYSTEM.ucum, code: 'd' },
      performer: ORGANIZATION.pharmacy,
    },
    substitution: { allowedBoolean: true },
  };
}

function dosage({ dose, instruction, route }: Drug) {
  return {
    sequence: 1,
    text: instruction,
    timing: { repeat: { frequency: dose.timesDaily, period: 1, periodUnit: 'd' as const } },
    ...(dose.asNeeded && { asNeededBoolean: true }),
    route: concept(route),
    doseAndRate: [
      {
        type: concept(hl7('dose-rate-type', 'ordered', 'Ordered')),
        doseQuantity: quantity(dose.value, dose.ucum, dose.places, dose.unit),
      },
    ],
  };
}

function dispenseOf(
  story: Story,
  visit: Visit,
  key: DrugKey,
  request: Reference<MedicationRequest>,
): MedicationDispense {
  const { supply } = DRUGS[key];
  const preparedMs = visit.endMs + story.random.int(1, 26) * HOUR_MS;
  return {
    resourceType: 'MedicationDispense',
    id: story.id('dispense'),
    meta: claiming('dispense'),
    status: 'completed',
    category: concept(OUTPATIENT),
    medicationReference: medication(key),
    subject: story.subject,
    context: visit.encounter,
    performer: [{ actor: practitioner(STAFF.nguyen) }],
    location: LOCATION.pharmacy,
    authorizingPrescription: [request],
    quantity: quantity(supply.units, supply.ucum, 0, supply.unit),
    daysSupply: quantity(supply.days, 'd', 0, 'days'),
    whenPrepared: instant(preparedMs),
    whenHandedOver: instant(preparedMs + HOUR_MS),
    dosageInstruction: [dosage(DRUGS[key])],
  };
}
