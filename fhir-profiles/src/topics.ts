import type { Basic, Extension } from '@medplum/fhirtypes';
import { CANONICAL_BASE } from './definitions.ts';

const ELEMENT = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic';
const PROFILE = `${CANONICAL_BASE}/StructureDefinition`;

/** When a change of a resource is an event: by searches on the states before and after, or by FHIRPath on both. */
interface TopicSource {
  id: string;
  title: string;
  /** What happened, for whoever subscribes. */
  description: string;
  resource: string;
  interactions: readonly ('create' | 'update')[];
  /** This holds; its first part did not before. */
  becomes?: string;
  fhirPath?: string;
  /** Search parameters by which subscribers may narrow it. */
  filters: readonly string[];
}

const CHANGES = ['create', 'update'] as const;

const STUDY_FILTERS = ['patient', 'modality', 'basedon', 'encounter'];

/** FHIRPath: what a study says of its being complete is one of these codes, and was another before. */
function completenessBecomes(...codes: string[]): string {
  const said = (state: string) => `%${state}.extension('${PROFILE}/maxray-study-completeness').value`;
  const wanted = codes.map((code) => `'${code}'`).join(' | ');
  return `${said('current')} in (${wanted}) and ${said('previous')} !~ ${said('current')}`;
}

const TOPICS: readonly TopicSource[] = [
  {
    id: 'maxray-appointment-booked',
    title: 'Appointment booked',
    description: 'An appointment has been booked, or made as a booked one.',
    resource: 'Appointment',
    interactions: CHANGES,
    becomes: 'status=booked',
    filters: ['patient', 'practitioner', 'location', 'actor', 'service-type'],
  },
  {
    id: 'maxray-appointment-changed',
    title: 'Appointment changed',
    description:
      'The state or the time of an appointment that was there has changed: moved, cancelled, arrived.',
    resource: 'Appointment',
    interactions: ['update'],
    fhirPath:
      '%previous.status !~ %current.status or %previous.start !~ %current.start or %previous.end !~ %current.end',
    filters: ['patient', 'practitioner', 'location', 'actor', 'status'],
  },
  {
    // Time is no write: the reminder bot makes one, once for each person, start and lead.
    id: 'maxray-appointment-due',
    title: 'Appointment due',
    description:
      'It is time to remind somebody of an appointment: once for each participant, start and lead (24 hours and 1 hour before, unless set otherwise, outside of quiet hours). The Communication is about the Appointment.',
    resource: 'Communication',
    interactions: ['create'],
    becomes: `category=${CANONICAL_BASE}/CodeSystem/maxray-notification-kind|reminder&medium:missing=true`,
    filters: ['patient', 'recipient'],
  },
  {
    id: 'maxray-result-available',
    title: 'Result available',
    description: 'A report has become final, or was corrected after it had been.',
    resource: 'DiagnosticReport',
    interactions: CHANGES,
    fhirPath:
      "%current.status in ('final' | 'amended' | 'corrected' | 'appended') and %previous.status !~ %current.status",
    filters: ['patient', 'category', 'code', 'based-on', 'performer'],
  },
  {
    id: 'maxray-study-available',
    title: 'Study available',
    description: 'An imaging study can be looked at.',
    resource: 'ImagingStudy',
    interactions: CHANGES,
    becomes: 'status=available',
    filters: STUDY_FILTERS,
  },
  {
    id: 'maxray-study-arriving',
    title: 'Study arriving',
    description: 'The first images of an imaging study have come, or late ones of a study that was complete.',
    resource: 'ImagingStudy',
    interactions: CHANGES,
    fhirPath: completenessBecomes('arriving'),
    filters: STUDY_FILTERS,
  },
  {
    id: 'maxray-study-complete',
    title: 'Study complete',
    description:
      'No further images of an imaging study are expected: all are there, or the study says that some are missing (partial).',
    resource: 'ImagingStudy',
    interactions: CHANGES,
    fhirPath: completenessBecomes('complete', 'partial'),
    filters: STUDY_FILTERS,
  },
  {
    id: 'maxray-study-unmatched',
    title: 'Study unmatched',
    description: 'An imaging study has come, and it is not known whose it is: somebody must find out.',
    resource: 'ImagingStudy',
    interactions: CHANGES,
    fhirPath:
      '%current.subject.reference.empty() and (%previous.empty() or %previous.subject.reference.exists())',
    filters: ['modality', 'endpoint'],
  },
  {
    id: 'maxray-unit-reachability',
    title: 'Reachability of a unit',
    description: 'The DICOM bridge can reach an X-ray unit, or cannot any more, and it was otherwise before.',
    resource: 'DeviceMetric',
    interactions: CHANGES,
    fhirPath:
      "%current.type.coding.where(code = 'dicom-connection').exists() and %previous.operationalStatus !~ %current.operationalStatus",
    filters: ['source'],
  },
  {
    id: 'maxray-emergency-raised',
    title: 'Emergency raised',
    description: 'An emergency request has become active.',
    resource: 'ServiceRequest',
    interactions: CHANGES,
    becomes: `status=active&_profile=${PROFILE}/maxray-emergency-request`,
    filters: ['patient', 'priority', 'performer'],
  },
  {
    id: 'maxray-emergency-assigned',
    title: 'Emergency assigned',
    description: 'A dispatch task has got an owner, or another one.',
    resource: 'Task',
    interactions: CHANGES,
    fhirPath: `%current.meta.profile.where($this = '${PROFILE}/maxray-dispatch-task').exists() and %current.owner.exists() and %previous.owner.reference !~ %current.owner.reference`,
    filters: ['patient', 'owner', 'priority'],
  },
  {
    id: 'maxray-prescription-signed',
    title: 'Prescription signed',
    description: 'A prescription has become active.',
    resource: 'MedicationRequest',
    interactions: CHANGES,
    becomes: 'status=active&intent=order',
    filters: ['patient', 'requester', 'intended-performer', 'encounter'],
  },
  {
    id: 'maxray-prescription-dispensed',
    title: 'Prescription dispensed',
    description: 'A medication has been handed out.',
    resource: 'MedicationDispense',
    interactions: CHANGES,
    becomes: 'status=completed',
    filters: ['patient', 'prescription', 'performer'],
  },
  {
    id: 'maxray-claim-adjudicated',
    title: 'Claim adjudicated',
    description: 'An insurer has decided on a claim.',
    resource: 'ClaimResponse',
    interactions: CHANGES,
    becomes: 'outcome=complete,partial,error&status=active',
    filters: ['patient', 'insurer', 'request', 'outcome'],
  },
];

/** MaxRay's topics as R4 has them: Basic resources with the elements of R5's SubscriptionTopic as extensions. */
export function loadTopics(): (Basic & { id: string })[] {
  return TOPICS.map(basicOf);
}

const part = (url: string, value: Omit<Extension, 'url'>): Extension => ({ url, ...value });
const element = (name: string, value: Omit<Extension, 'url'>) => part(`${ELEMENT}.${name}`, value);

function basicOf({
  id,
  title,
  description,
  resource,
  interactions,
  becomes,
  fhirPath,
  filters,
}: TopicSource) {
  const trigger = [
    part('description', { valueMarkdown: description }),
    part('resource', { valueUri: `http://hl7.org/fhir/StructureDefinition/${resource}` }),
    ...interactions.map((valueCode) => part('supportedInteraction', { valueCode })),
    ...(becomes === undefined ? [] : [part('queryCriteria', { extension: becoming(becomes) })]),
    ...(fhirPath === undefined ? [] : [part('fhirPathCriteria', { valueString: fhirPath })]),
  ];
  return {
    resourceType: 'Basic' as const,
    id,
    modifierExtension: [element('status', { valueCode: 'active' })],
    extension: [
      element('url', { valueUri: `${CANONICAL_BASE}/SubscriptionTopic/${id}` }),
      element('version', { valueString: '0.1.0' }),
      element('title', { valueString: title }),
      element('description', { valueMarkdown: description }),
      element('resourceTrigger', { extension: trigger }),
      ...filters.map((filter) =>
        element('canFilterBy', {
          extension: [
            part('resource', { valueUri: resource }),
            part('filterParameter', { valueString: filter }),
          ],
        }),
      ),
    ],
    code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
  };
}

/** The query holds, and its first part did not before: `status=booked` after `status:not=booked`. */
function becoming(query: string): Extension[] {
  const [first, ...others] = query.split('&');
  const [name, values] = first!.split('=') as [string, string];
  const before = `${name}:not=${values}`;
  return [
    part('previous', { valueString: before }),
    part('resultForCreate', { valueCode: 'test-passes' }),
    part('current', { valueString: [first, ...others].join('&') }),
    part('resultForDelete', { valueCode: 'test-fails' }),
    part('requireBoth', { valueBoolean: true }),
  ];
}
