import type {
  CarePlan,
  CareTeam,
  EpisodeOfCare,
  Flag,
  Goal,
  List,
  NutritionOrder,
  Reference,
} from '@medplum/fhirtypes';
import { ILLNESSES } from '../codes/conditions.ts';
import { canonical } from '../clinic/catalogue.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { concept, hl7, loinc, snomed, text } from '../kit/concept.ts';
import { day, instant } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';

/** Team, goals and plan for a patient's long-lasting illnesses; the list of them; what to beware of. */
export function planning(story: Story, first: Visit): void {
  const team = story.add(teamOf(story, first));
  if (story.conditions.size > 0) {
    const goals = [...story.person.illnesses].slice(0, 2).map((key) => story.add(goalOf(story, first, key)));
    story.add(episodeOf(story, first, team));
    story.add(planOf(story, first, team, goals));
    story.add(problemList(story, first));
  }
  if (story.conditions.has('diabetes')) story.add(dietOf(story, first));
  if (story.conditions.has('osteoporosis') || story.person.age >= 75) story.add(fallRisk(story, first));
}

function teamOf(story: Story, first: Visit): CareTeam {
  const doctor = concept(snomed('59058001', 'General physician'));
  return {
    resourceType: 'CareTeam',
    id: story.id('team'),
    status: 'active',
    category: [concept(loinc('LA28865-6', 'Longitudinal care-coordination focused care team'))],
    name: `Care team of ${story.subject.display}`,
    subject: story.subject,
    encounter: first.encounter,
    period: { start: day(first.startMs) },
    participant: [
      { role: [doctor], member: practitioner(first.doctor), onBehalfOf: ORGANIZATION.clinic },
      { role: [text('Nurse')], member: practitioner(STAFF.begay), onBehalfOf: ORGANIZATION.clinic },
      { role: [text('Patient')], member: story.subject },
    ],
    managingOrganization: [ORGANIZATION.clinic],
  };
}

function goalOf(story: Story, first: Visit, key: keyof typeof ILLNESSES): Goal {
  const condition = story.conditions.get(key);
  return {
    resourceType: 'Goal',
    id: story.id('goal'),
    lifecycleStatus: 'active',
    achievementStatus: concept(hl7('goal-achievement', 'improving', 'Improving')),
    description: text(ILLNESSES[key].goal),
    subject: story.subject,
    startDate: day(first.startMs),
    target: [{ dueDate: day(story.untilMs) }],
    expressedBy: practitioner(first.doctor),
    ...(condition && { addresses: [condition] }),
  };
}

function episodeOf(story: Story, first: Visit, team: Reference<CareTeam>): EpisodeOfCare {
  return {
    resourceType: 'EpisodeOfCare',
    id: story.id('episode'),
    status: 'active',
    type: [text('Care of long-lasting illnesses')],
    diagnosis: [...story.conditions.values()].map((condition, index) => ({ condition, rank: index + 1 })),
    patient: story.subject,
    managingOrganization: ORGANIZATION.clinic,
    period: { start: day(first.startMs) },
    careManager: practitioner(first.doctor),
    team: [team],
  };
}

function planOf(story: Story, first: Visit, team: Reference<CareTeam>, goals: Reference<Goal>[]): CarePlan {
  return {
    resourceType: 'CarePlan',
    id: story.id('plan'),
    ...(story.conditions.has('diabetes') && {
      instantiatesCanonical: [canonical('PlanDefinition', 'diabetes-care')],
    }),
    status: 'active',
    intent: 'plan',
    category: [text('Care of long-lasting illnesses')],
    title: 'Plan of care',
    subject: story.subject,
    encounter: first.encounter,
    period: { start: day(first.startMs), end: day(story.untilMs) },
    created: day(first.startMs),
    author: practitioner(first.doctor),
    careTeam: [team],
    addresses: [...story.conditions.values()],
    goal: goals,
    activity: [
      {
        detail: {
          status: 'in-progress',
          description: 'Measure blood pressure at home twice a week',
          performer: [story.subject],
        },
      },
    ],
  };
}

function problemList(story: Story, first: Visit): List {
  return {
    resourceType: 'List',
    id: story.id('list'),
    status: 'current',
    mode: 'working',
    title: 'Problems',
    code: concept(loinc('11450-4', 'Problem list - Reported')),
    subject: story.subject,
    encounter: first.encounter,
    date: instant(first.endMs),
    source: practitioner(first.doctor),
    entry: [...story.conditions.values()].map((item) => ({ item })),
  };
}

function dietOf(story: Story, first: Visit): NutritionOrder {
  return {
    resourceType: 'NutritionOrder',
    id: story.id('diet'),
    status: 'active',
    intent: 'order',
    patient: story.subject,
    encounter: first.encounter,
    dateTime: instant(first.endMs),
    orderer: practitioner(first.doctor),
    oralDiet: {
      type: [concept(snomed('160670007', 'Diabetic diet'))],
      instruction: 'Three meals a day at fixed hours, no sweet drinks.',
    },
  };
}

function fallRisk(story: Story, first: Visit): Flag {
  return {
    resourceType: 'Flag',
    id: story.id('flag'),
    status: 'active',
    category: [concept(hl7('flag-category', 'safety', 'Safety'))],
    code: text('At risk of falls'),
    subject: story.subject,
    period: { start: day(first.startMs) },
    encounter: first.encounter,
    author: practitioner(first.doctor),
  };
}
