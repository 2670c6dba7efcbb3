import type { Organization, Practitioner } from '@medplum/fhirtypes';
import { organizationId, practitionerId, STREAM, type DataPlan } from './plan.ts';
import { Random } from './random.ts';
import { FAMILY, GIVEN_FEMALE, GIVEN_MALE, PLACES, STREETS } from './vocabulary.ts';

/** A provider organisation of the generated clinic network. */
export const organization = (plan: DataPlan, index: number): Organization => {
  const random = new Random(plan.seed, STREAM.organization, index);
  const place = random.pick(PLACES);
  return {
    resourceType: 'Organization',
    id: organizationId(index),
    identifier: [{ system: 'https://example.org/organization', value: String(1_000 + index) }],
    active: true,
    name: `${place.city} Field Radiology and Telehealth`,
    telecom: [{ system: 'phone', value: `555-${random.digits(7)}` }],
    address: [
      { line: [`${1 + random.below(200)} ${random.pick(STREETS)}`], city: place.city, state: place.state },
    ],
  };
};

/** A practitioner, whom observations name as performer and encounters as participant. */
export const practitioner = (plan: DataPlan, index: number): Practitioner => {
  const random = new Random(plan.seed, STREAM.practitioner, index);
  const female = random.below(2) === 0;
  return {
    resourceType: 'Practitioner',
    id: practitionerId(index),
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: `9${random.digits(9)}` }],
    active: true,
    name: [
      {
        use: 'official',
        family: random.pick(FAMILY),
        given: [random.pick(female ? GIVEN_FEMALE : GIVEN_MALE)],
        prefix: ['Dr.'],
      },
    ],
    gender: female ? 'female' : 'male',
  };
};
