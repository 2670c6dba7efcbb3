import type {
  AuditEvent,
  Binary,
  Composition,
  DocumentReference,
  Provenance,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { GATEWAY } from '../clinic/equipment.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { refer } from '../kit/bundle.ts';
import { concept, hl7, loinc, SYSTEM } from '../kit/concept.ts';
import { DAY_MS, instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import type { FieldXray } from './imaging.ts';

const AUTHOR = concept(hl7('provenance-participant-type', 'author', 'Author'));

/** The written record of an emergency: a summary, the dictated note, and who wrote and who looked. */
export function emergencyPapers(story: Story, visit: Visit, xray: FieldXray): void {
  story.add(summaryOf(story, visit, xray));
  const note = dictation(story, visit);
  const signedMs = visit.endMs + 10 * MINUTE_MS;
  story.add<Provenance>({
    resourceType: 'Provenance',
    id: story.id('provenance'),
    target: [xray.report, note],
    recorded: instant(signedMs),
    activity: concept(hl7('v3-DataOperation', 'CREATE', 'create')),
    agent: [{ type: AUTHOR, who: practitioner(STAFF.larsen), onBehalfOf: ORGANIZATION.clinic }],
    entity: [{ role: 'source', what: xray.study }],
  });
  story.add(looked(story, xray.study, signedMs));
}

function summaryOf(story: Story, visit: Visit, xray: FieldXray): Composition {
  return {
    resourceType: 'Composition',
    id: story.id('summary'),
    status: 'final',
    type: concept(loinc('34133-9', 'Summary of episode note')),
    subject: story.subject,
    encounter: visit.encounter,
    date: instant(visit.endMs + 8 * MINUTE_MS),
    author: [practitioner(visit.doctor)],
    title: 'Summary of an emergency at home',
    confidentiality: 'N',
    custodian: ORGANIZATION.clinic,
    section: [
      {
        title: 'Images',
        code: concept(loinc('18748-4', 'Diagnostic imaging study')),
        entry: [xray.study, xray.report],
      },
      ...(xray.condition
        ? [{ title: 'Diagnosis', code: concept(loinc('29548-5', 'Diagnosis')), entry: [xray.condition] }]
        : []),
    ],
  };
}

/** The doctor's dictation as text, kept as a Binary that only readers of the patient may open. */
function dictation(story: Story, visit: Visit): Reference<DocumentReference> {
  const words = [
    `Dictated on ${instant(visit.endMs)}.`,
    `${story.person.age} year old patient, seen at home by the ambulance crew; I joined by video.`,
    'X-ray taken on site and read by radiology. Advice given, follow-up by teleconsultation.',
  ].join('\n');
  const size = Buffer.byteLength(words);
  const binary = story.add<Binary>({
    resourceType: 'Binary',
    id: story.id('note'),
    contentType: 'text/plain; charset=utf-8',
    securityContext: story.subject,
    data: Buffer.from(words).toString('base64'),
  });
  return story.add<DocumentReference>({
    resourceType: 'DocumentReference',
    id: story.id('note'),
    status: 'current',
    docStatus: 'final',
    type: concept(loinc('34111-5', 'Emergency department Note')),
    category: [concept(loinc('11488-4', 'Consult note'))],
    subject: story.subject,
    date: instant(visit.endMs + 5 * MINUTE_MS),
    author: [practitioner(visit.doctor)],
    custodian: ORGANIZATION.clinic,
    description: 'Dictated note',
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'en',
          url: binary.reference as string,
          size,
          title: 'Dictated note',
          creation: instant(visit.endMs + 5 * MINUTE_MS),
        },
      },
    ],
    context: {
      encounter: [visit.encounter],
      period: { start: instant(visit.startMs), end: instant(visit.endMs) },
    },
  });
}

function looked(story: Story, what: Reference<Resource>, signedMs: number): AuditEvent {
  const atMs = signedMs + DAY_MS;
  return {
    resourceType: 'AuditEvent',
    id: story.id('audit'),
    type: hl7('audit-event-type', 'rest', 'RESTful Operation'),
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: 'read', display: 'read' }],
    action: 'R',
    recorded: instant(atMs),
    outcome: '0',
    purposeOfEvent: [concept(hl7('v3-ActReason', 'TREAT', 'treatment'))],
    agent: [
      {
        type: concept({ system: SYSTEM.dicom, code: '110153', display: 'Source Role ID' }),
        who: practitioner(story.person.doctor),
        requestor: true,
        network: { address: '127.0.0.1', type: '2' },
      },
    ],
    source: {
      site: 'MaxRay Demo Clinic',
      observer: GATEWAY,
      type: [hl7('security-source-type', '4', 'Application Server')],
    },
    entity: [
      { what, type: hl7('audit-entity-type', '2', 'System Object') },
      {
        what: refer('Patient', story.subject.reference?.split('/')[1] as string),
        type: hl7('audit-entity-type', '1', 'Person'),
      },
    ],
  };
}
