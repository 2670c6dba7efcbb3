import type { Immunization } from '@medplum/fhirtypes';
import type { Code } from '../kit/concept.ts';
import { concept, cvx, hl7, house, quantity, snomed } from '../kit/concept.ts';
import { DAY_MS, day, instant, MINUTE_MS, month } from '../kit/time.ts';
import { LOCATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import type { Story, Visit } from '../patient/story.ts';

const INFLUENZA = cvx('140', 'Influenza, seasonal, injectable, preservative free');
const TETANUS = cvx('113', 'Td (adult) preservative free');
const PNEUMOCOCCAL = cvx('33', 'pneumococcal polysaccharide vaccine, 23 valent');
const VACCINATION_FEE = { code: house('charge', 'vaccination', 'Vaccination'), cents: 34_00 };

const MONTHS_OF_INFLUENZA = ['09', '10', '11', '12', '01'];

/** A vaccine given at a visit (against influenza in its season), and one that the patient says to have had before. */
export function immunizations(story: Story, visit: Visit): void {
  const season = MONTHS_OF_INFLUENZA.includes(month(visit.startMs).slice(5));
  const given = story.add<Immunization>({
    ...base(story, season ? INFLUENZA : TETANUS),
    encounter: visit.encounter,
    occurrenceDateTime: instant(visit.endMs - 3 * MINUTE_MS),
    primarySource: true,
    location: LOCATION.clinic,
    lotNumber: `LOT-${story.random.digits(5)}`,
    expirationDate: day(visit.startMs + 200 * DAY_MS),
    site: concept(hl7('v3-ActSite', 'LA', 'left arm')),
    route: concept(hl7('v3-RouteOfAdministration', 'IM', 'Injection, intramuscular')),
    doseQuantity: quantity(0.5, 'mL', 2),
    performer: [{ actor: practitioner(STAFF.begay) }],
    protocolApplied: [
      {
        targetDisease: [concept(season ? snomed('6142004', 'Influenza') : snomed('76902006', 'Tetanus'))],
        doseNumberPositiveInt: 1,
      },
    ],
  });
  visit.charges.push({ ...VACCINATION_FEE, service: given.reference as string });
  const daysAgo = story.random.int(200, 2500);
  story.add<Immunization>({
    ...base(story, story.person.age >= 65 ? PNEUMOCOCCAL : INFLUENZA),
    encounter: visit.encounter,
    occurrenceDateTime: day(story.startMs - daysAgo * DAY_MS),
    recorded: day(visit.startMs),
    primarySource: false,
    reportOrigin: concept(hl7('immunization-origin', 'recall', 'Parent/Guardian/Patient Recall')),
  });
}

function base(story: Story, vaccine: Code) {
  return {
    resourceType: 'Immunization' as const,
    id: story.id('immunization'),
    status: 'completed' as const,
    vaccineCode: concept(vaccine),
    patient: story.subject,
  };
}
