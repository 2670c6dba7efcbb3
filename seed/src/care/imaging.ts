import type {
  Condition,
  DiagnosticReport,
  ImagingStudy,
  Practitioner,
  Procedure,
  Reference,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes';
import type { Examination, ImagingKey } from '../codes/imaging.ts';
import { IMAGING } from '../codes/imaging.ts';
import { PORTABLE_XRAY_TRANSPORT } from '../codes/medications.ts';
import { canonical } from '../clinic/catalogue.ts';
import type { XrayUnit } from '../clinic/equipment.ts';
import { DIGITAL_RADIOGRAPHY, IMAGE_ARCHIVE } from '../clinic/equipment.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import type { Member } from '../clinic/staff.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { concept, snomed, SYSTEM } from '../kit/concept.ts';
import { accessionNumber, dicomUid, studyIdentifier } from '../kit/identify.ts';
import { claiming, maxray } from '../kit/maxray.ts';
import { instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import { acute } from './acute.ts';
import { imagingReport } from './imagingReport.ts';

/** DICOM's Digital X-Ray Image Storage, for presentation (PS3.4, B.5). */
const DIGITAL_XRAY = { system: SYSTEM.uri, code: 'urn:oid:1.2.840.10008.5.1.4.1.1.1.1' };
const TRANSPORT_CENTS = 118_00;
/** Minutes after the start of the visit at which the first image is taken. */
const FIRST_IMAGE_MINUTES = 21;

/** What an X-ray in the field leaves behind. */
export interface FieldXray {
  study: Reference<ImagingStudy>;
  report: Reference<DiagnosticReport>;
  condition: Reference<Condition> | undefined;
}

/** Who takes the images, and with what. */
export interface Crew {
  paramedic: Member;
  unit: XrayUnit;
}

/** Order, procedure, images and report of an X-ray taken where the patient is. */
export function fieldXray(story: Story, visit: Visit, key: ImagingKey, crew: Crew): FieldXray {
  const examination: Examination = IMAGING[key];
  const takenMs = visit.startMs + FIRST_IMAGE_MINUTES * MINUTE_MS;
  const studyUid = dicomUid(story.random);
  const order = story.add(orderOf(story, visit, key, crew, studyUid));
  story.add(captureOf(story, visit, order, crew));
  const procedure = story.add(procedureOf(story, visit, examination, order, crew, takenMs));
  const images = studyOf(story, visit, examination, { studyUid, order, procedure, crew, takenMs });
  const study = story.add(images);
  const positive = story.person.number === 1 || story.random.chance(0.6);
  const ailment = positive ? examination.finding.ailment : examination.otherwise;
  const condition = ailment && acute(story, visit, ailment);
  const report = imagingReport(story, visit, examination, { order, study: images, takenMs, positive });
  visit.charges.push(
    { code: examination.code, cents: examination.priceCents, service: report.reference as string },
    { code: PORTABLE_XRAY_TRANSPORT, cents: TRANSPORT_CENTS, service: procedure.reference as string },
  );
  return { study, report, condition };
}

/** `demo-07-xray-order-1` -> `XR-07-1`: DICOM has room for 16 characters. */
const accessionOf = (orderId: string): string => orderId.replace(/^demo-(.+)-xray-order-(.+)$/, 'XR-$1-$2');

function orderOf(story: Story, visit: Visit, key: ImagingKey, crew: Crew, studyUid: string): ServiceRequest {
  const number = story.id('xray-order');
  const { code, bodySite, reason } = IMAGING[key];
  return {
    resourceType: 'ServiceRequest',
    id: number,
    meta: claiming('xray-order'),
    identifier: [accessionNumber(accessionOf(number)), studyIdentifier(studyUid)],
    instantiatesCanonical: [canonical('ActivityDefinition', `xray-${key}`)],
    status: 'completed',
    intent: 'order',
    category: [concept(snomed('363679005', 'Imaging'))],
    priority: 'urgent',
    code: concept(code),
    subject: story.subject,
    encounter: visit.encounter,
    occurrenceDateTime: instant(visit.startMs + 18 * MINUTE_MS),
    authoredOn: instant(visit.startMs + 15 * MINUTE_MS),
    requester: practitioner(visit.doctor),
    performer: [practitioner(crew.paramedic), crew.unit.device],
    reasonCode: [{ text: reason }],
    bodySite: [concept(bodySite)],
  };
}

/** By it the unit has the order in its worklist. */
function captureOf(story: Story, visit: Visit, order: Reference<ServiceRequest>, crew: Crew): Task {
  return {
    resourceType: 'Task',
    id: story.id('capture'),
    meta: claiming('capture-task'),
    status: 'completed',
    intent: 'order',
    code: concept(maxray('imaging-task', 'capture-images', 'Take the images of an order')),
    focus: order,
    for: story.subject,
    encounter: visit.encounter,
    authoredOn: instant(visit.startMs + 17 * MINUTE_MS),
    requester: practitioner(crew.paramedic),
    owner: crew.unit.device,
  };
}

function procedureOf(
  story: Story,
  visit: Visit,
  examination: Examination,
  order: Reference<ServiceRequest>,
  crew: Crew,
  takenMs: number,
): Procedure {
  return {
    resourceType: 'Procedure',
    id: story.id('procedure'),
    basedOn: [order],
    status: 'completed',
    category: concept(snomed('103693007', 'Diagnostic procedure')),
    code: concept(examination.code),
    subject: story.subject,
    encounter: visit.encounter,
    performedPeriod: { start: instant(takenMs - 3 * MINUTE_MS), end: instant(takenMs + 4 * MINUTE_MS) },
    performer: [{ actor: practitioner(crew.paramedic), onBehalfOf: ORGANIZATION.ambulance }],
    location: crew.unit.vehicle,
    bodySite: [concept(examination.bodySite)],
    usedReference: [crew.unit.device],
  };
}

interface Taken {
  studyUid: string;
  order: Reference<ServiceRequest>;
  procedure: Reference<Procedure>;
  crew: Crew;
  takenMs: number;
}

function studyOf(story: Story, visit: Visit, examination: Examination, taken: Taken): ImagingStudy {
  const { random } = story;
  return {
    resourceType: 'ImagingStudy',
    id: story.id('study'),
    meta: claiming('imaging-study'),
    identifier: [
      studyIdentifier(taken.studyUid),
      accessionNumber(accessionOf(taken.order.reference?.split('/')[1] as string)),
    ],
    status: 'available',
    modality: [DIGITAL_RADIOGRAPHY],
    subject: story.subject,
    encounter: visit.encounter,
    started: instant(taken.takenMs),
    basedOn: [taken.order],
    referrer: practitioner(visit.doctor),
    interpreter: [practitioner(STAFF.larsen)],
    endpoint: [IMAGE_ARCHIVE],
    numberOfSeries: 1,
    numberOfInstances: examination.views.length,
    procedureReference: taken.procedure,
    procedureCode: [concept(examination.code)],
    reasonCode: [{ text: examination.reason }],
    description: examination.code.display,
    series: [
      {
        uid: dicomUid(random),
        number: 1,
        modality: DIGITAL_RADIOGRAPHY,
        description: examination.code.display,
        numberOfInstances: examination.views.length,
        endpoint: [IMAGE_ARCHIVE],
        bodySite: examination.bodySite,
        started: instant(taken.takenMs),
        performer: [
          { actor: practitioner(taken.crew.paramedic) as Reference<Practitioner> },
          { actor: taken.crew.unit.device },
        ],
        instance: examination.views.map((title, index) => ({
          uid: dicomUid(random),
          sopClass: DIGITAL_XRAY,
          number: index + 1,
          title,
        })),
      },
    ],
  };
}
