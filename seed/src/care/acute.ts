import type { Condition, Reference } from '@medplum/fhirtypes';
import type { Ailment, AilmentKey } from '../codes/conditions.ts';
import { AILMENTS } from '../codes/conditions.ts';
import { practitioner } from '../clinic/staff.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { DAY_MS, day } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import { prescribe } from './medication.ts';

/** A diagnosis made at a visit, with what is prescribed for it; resolved by the end of the year if it had the time. */
export function acute(story: Story, visit: Visit, key: AilmentKey): Reference<Condition> {
  const ailment: Ailment = AILMENTS[key];
  const endMs = visit.startMs + ailment.days * DAY_MS;
  const over = endMs < story.untilMs;
  const condition = story.add<Condition>({
    resourceType: 'Condition',
    id: story.id('diagnosis'),
    clinicalStatus: concept(
      over
        ? hl7('condition-clinical', 'resolved', 'Resolved')
        : hl7('condition-clinical', 'active', 'Active'),
    ),
    verificationStatus: concept(hl7('condition-ver-status', 'confirmed', 'Confirmed')),
    category: [concept(hl7('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis'))],
    code: concept(ailment.code, ailment.icd),
    subject: story.subject,
    encounter: visit.encounter,
    onsetDateTime: day(visit.startMs - ailment.before * DAY_MS),
    ...(over && { abatementDateTime: day(endMs) }),
    recordedDate: day(visit.startMs),
    recorder: practitioner(visit.doctor),
  });
  if (ailment.drug) prescribe(story, visit, ailment.drug, condition);
  return condition;
}
