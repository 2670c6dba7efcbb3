import type { AllergyIntolerance, Condition, FamilyMemberHistory, Procedure } from '@medplum/fhirtypes';
import type { Illness } from '../codes/conditions.ts';
import { ILLNESSES } from '../codes/conditions.ts';
import type { Code } from '../kit/concept.ts';
import { concept, hl7, snomed } from '../kit/concept.ts';
import { DAY_MS, day, month } from '../kit/time.ts';
import { practitioner } from '../clinic/staff.ts';
import type { Story, Visit } from '../patient/story.ts';

const ACTIVE = concept(hl7('condition-clinical', 'active', 'Active'));
const CONFIRMED = concept(hl7('condition-ver-status', 'confirmed', 'Confirmed'));
const PROBLEM = concept(hl7('condition-category', 'problem-list-item', 'Problem List Item'));
const YEAR_MS = 365 * DAY_MS;

/** What the patient brought along: taken down at the first visit of the year. */
export function background(story: Story, first: Visit): void {
  for (const key of story.person.illnesses) {
    story.conditions.set(key, story.add(problemOf(story, first, ILLNESSES[key])));
  }
  allergies(story, first);
  if (story.person.age > 50 || story.random.chance(0.2)) story.add(pastOperation(story, first));
  if (story.random.chance(story.person.number === 1 ? 1 : 0.4)) story.add(familyHistory(story, first));
}

function problemOf(story: Story, first: Visit, illness: { code: Code; icd: Code }): Condition {
  const adultYears = Math.max(1, story.person.age - 18);
  const onsetMs = story.startMs - story.random.between(0.2, Math.min(15, adultYears)) * YEAR_MS;
  return {
    resourceType: 'Condition',
    id: story.id('problem'),
    clinicalStatus: ACTIVE,
    verificationStatus: CONFIRMED,
    category: [PROBLEM],
    code: concept(illness.code, illness.icd),
    subject: story.subject,
    encounter: first.encounter,
    onsetDateTime: month(onsetMs),
    recordedDate: day(first.startMs),
    recorder: practitioner(first.doctor),
  };
}

interface Allergen {
  code: Code;
  category: 'food' | 'medication' | 'environment';
  reaction: Code;
}

const HIVES = snomed('247472004', 'Wheal');
const SNEEZING = snomed('76067001', 'Sneezing');
const ALLERGENS: readonly Allergen[] = [
  { code: snomed('91936005', 'Allergy to penicillin'), category: 'medication', reaction: HIVES },
  { code: snomed('91935009', 'Allergy to peanut'), category: 'food', reaction: HIVES },
  { code: snomed('300913006', 'Allergy to shellfish'), category: 'food', reaction: HIVES },
  { code: snomed('418689008', 'Allergy to grass pollen'), category: 'environment', reaction: SNEEZING },
  { code: snomed('232347008', 'Allergy to animal dander'), category: 'environment', reaction: SNEEZING },
  { code: snomed('424213003', 'Allergy to bee venom'), category: 'environment', reaction: HIVES },
];
const NO_ALLERGY: Code = snomed('716186003', 'No known allergy');

function allergies(story: Story, first: Visit): void {
  const { random } = story;
  const count = story.person.number === 1 ? 1 : random.pick([0, 0, 1, 1, 2]);
  const chosen = random.sample(ALLERGENS, count);
  if (chosen.length === 0) story.add(allergy(story, first, { code: NO_ALLERGY }));
  for (const one of chosen) {
    const allergen = {
      type: 'allergy' as const,
      category: [one.category],
      criticality: random.pick(['low', 'low', 'high'] as const),
      reaction: [
        {
          manifestation: [concept(one.reaction)],
          severity: random.pick(['mild', 'moderate'] as const),
        },
      ],
    };
    story.add({ ...allergy(story, first, one), ...allergen });
  }
}

function allergy(story: Story, first: Visit, { code }: { code: Code }): AllergyIntolerance {
  return {
    resourceType: 'AllergyIntolerance',
    id: story.id('allergy'),
    clinicalStatus: concept(hl7('allergyintolerance-clinical', 'active', 'Active')),
    verificationStatus: concept(hl7('allergyintolerance-verification', 'confirmed', 'Confirmed')),
    code: concept(code),
    patient: story.subject,
    encounter: first.encounter,
    recordedDate: day(first.startMs),
    recorder: practitioner(first.doctor),
    asserter: story.subject,
  };
}

const OPERATIONS: readonly Code[] = [
  snomed('80146002', 'Appendectomy'),
  snomed('38102005', 'Cholecystectomy'),
  snomed('173422009', 'Tonsillectomy'),
];

function pastOperation(story: Story, first: Visit): Procedure {
  const yearsAgo = story.random.between(2, Math.max(3, story.person.age - 15));
  return {
    resourceType: 'Procedure',
    id: story.id('procedure'),
    status: 'completed',
    category: concept(snomed('387713003', 'Surgical procedure')),
    code: concept(story.random.pick(OPERATIONS)),
    subject: story.subject,
    encounter: first.encounter,
    performedDateTime: month(story.startMs - yearsAgo * YEAR_MS).slice(0, 4),
    asserter: story.subject,
  };
}

function familyHistory(story: Story, first: Visit): FamilyMemberHistory {
  const mother = story.random.chance(0.5);
  return {
    resourceType: 'FamilyMemberHistory',
    id: story.id('family'),
    status: 'completed',
    patient: story.subject,
    date: day(first.startMs),
    relationship: concept(mother ? hl7('v3-RoleCode', 'MTH', 'mother') : hl7('v3-RoleCode', 'FTH', 'father')),
    sex: concept({
      system: 'http://hl7.org/fhir/administrative-gender',
      code: mother ? 'female' : 'male',
      display: mother ? 'Female' : 'Male',
    }),
    condition: [
      { code: concept(story.random.pick<Illness>(Object.values(ILLNESSES)).code), contributedToDeath: false },
    ],
  };
}
