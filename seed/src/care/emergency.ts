import type { Encounter, Location, Observation, Reference, ServiceRequest, Task } from '@medplum/fhirtypes';
import type { ImagingKey } from '../codes/imaging.ts';
import { IMAGING } from '../codes/imaging.ts';
import { XRAY_UNITS } from '../clinic/equipment.ts';
import { EMERGENCY_FEE } from '../clinic/fees.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { EMERGENCY_RESPONSE } from '../clinic/services.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { refer } from '../kit/bundle.ts';
import { concept, hl7, loinc, quantity } from '../kit/concept.ts';
import { houseIdentifier } from '../kit/identify.ts';
import { claiming, maxray } from '../kit/maxray.ts';
import { address, position } from '../kit/place.ts';
import { instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import type { Crew, FieldXray } from './imaging.ts';
import { fieldXray } from './imaging.ts';
import { urgentVitals } from './vitals.ts';

/** Minutes from the call to sending the crew, and from there to the patient. */
const DISPATCH_MINUTES = 2;
const ARRIVAL_MINUTES = 16;
const STAY_MINUTES = 75;

/** A call for help: dispatch, care at home with an X-ray there, and a doctor joining by video. */
export function emergency(
  story: Story,
  calledMs: number,
  key: ImagingKey,
): { visit: Visit; xray: FieldXray } {
  const crew = story.random.pick<Crew>([
    { paramedic: STAFF.ramirez, unit: XRAY_UNITS[0] },
    { paramedic: STAFF.obrien, unit: XRAY_UNITS[1] },
  ]);
  const home = story.add(homeOf(story));
  const startMs = calledMs + (DISPATCH_MINUTES + ARRIVAL_MINUTES) * MINUTE_MS;
  const encounterId = story.id('emergency');
  const encounter = refer<Encounter>('Encounter', encounterId);
  const call = story.add(callOf(story, calledMs, key, encounter, home));
  const visit: Visit = {
    encounter,
    kind: 'emergency',
    startMs,
    endMs: startMs + STAY_MINUTES * MINUTE_MS,
    doctor: STAFF.tanaka,
    charges: [EMERGENCY_FEE],
  };
  story.visits.push(visit);
  story.add(dispatchOf(story, visit, { call, calledMs, crew, home }));
  const chest = key === 'chest';
  urgentVitals(story, visit, crew.paramedic, { fever: chest, breathless: chest, pain: !chest });
  scores(story, visit, chest ? 2 : 7);
  const xray = fieldXray(story, visit, key, crew);
  story.add(encounterOf(story, encounterId, visit, { call, calledMs, crew, home }, xray));
  return { visit, xray };
}

function homeOf({ person }: Story): Location {
  return {
    resourceType: 'Location',
    id: `${person.prefix}-home`,
    status: 'active',
    name: 'Home of a patient',
    mode: 'instance',
    type: [concept(hl7('v3-RoleCode', 'PTRES', "Patient's Residence"))],
    address: address(person.town, person.street, 'home'),
    physicalType: concept(hl7('location-physical-type', 'ho', 'House')),
    position: position(person.latitude, person.longitude),
  };
}

function callOf(
  story: Story,
  calledMs: number,
  key: ImagingKey,
  encounter: Reference<Encounter>,
  home: Reference<Location>,
): ServiceRequest {
  const number = story.id('call');
  return {
    resourceType: 'ServiceRequest',
    id: number,
    meta: claiming('emergency-request'),
    identifier: [houseIdentifier('call', number.toUpperCase())],
    status: 'completed',
    intent: 'order',
    category: [concept(EMERGENCY_RESPONSE)],
    priority: 'stat',
    code: concept(EMERGENCY_RESPONSE),
    subject: story.subject,
    encounter,
    authoredOn: instant(calledMs),
    requester: story.subject,
    performer: [ORGANIZATION.ambulance],
    locationReference: [home],
    reasonCode: [{ text: IMAGING[key].reason }],
  };
}

interface Dispatch {
  call: Reference<ServiceRequest>;
  calledMs: number;
  crew: Crew;
  home: Reference<Location>;
}

function dispatchOf(story: Story, visit: Visit, { call, calledMs, crew, home }: Dispatch): Task {
  const sentMs = calledMs + DISPATCH_MINUTES * MINUTE_MS;
  return {
    resourceType: 'Task',
    id: story.id('dispatch'),
    meta: claiming('dispatch-task'),
    basedOn: [call],
    status: 'completed',
    businessStatus: { text: 'Patient cared for at home' },
    intent: 'order',
    priority: 'stat',
    code: concept(maxray('dispatch', 'dispatch', 'Send a crew')),
    focus: call,
    for: story.subject,
    encounter: visit.encounter,
    executionPeriod: { start: instant(sentMs), end: instant(visit.endMs) },
    authoredOn: instant(calledMs),
    lastModified: instant(visit.endMs),
    requester: ORGANIZATION.clinic,
    performerType: [concept(maxray('role', 'PARAMEDIC', 'Paramedic'))],
    owner: practitioner(crew.paramedic),
    location: home,
    input: [{ type: concept(maxray('dispatch', 'vehicle', 'Vehicle')), valueReference: crew.unit.vehicle }],
    output: [
      { type: concept(maxray('dispatch', 'arrival', 'Arrived at')), valueDateTime: instant(visit.startMs) },
    ],
  };
}

function scores(story: Story, visit: Visit, pain: number): void {
  const base = {
    resourceType: 'Observation' as const,
    status: 'final' as const,
    category: [concept(hl7('observation-category', 'exam', 'Exam'))],
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(visit.startMs + 6 * MINUTE_MS),
    performer: [practitioner(visit.doctor)],
  };
  story.add<Observation>({
    ...base,
    id: story.id('exam'),
    code: concept(loinc('72514-3', 'Pain severity - 0-10 verbal numeric rating [Score] - Reported')),
    valueInteger: pain,
  });
  story.add<Observation>({
    ...base,
    id: story.id('exam'),
    code: concept(loinc('9269-2', 'Glasgow coma score total')),
    valueQuantity: quantity(15, '{score}', 0, 'score'),
  });
}

function encounterOf(
  story: Story,
  id: string,
  visit: Visit,
  { call, calledMs, crew, home }: Dispatch,
  xray: FieldXray,
): Encounter {
  const period = { start: instant(visit.startMs), end: instant(visit.endMs) };
  return {
    resourceType: 'Encounter',
    id,
    identifier: [houseIdentifier('visit', id.toUpperCase())],
    status: 'finished',
    statusHistory: [
      { status: 'planned', period: { start: instant(calledMs), end: instant(visit.startMs) } },
      { status: 'in-progress', period },
    ],
    class: hl7('v3-ActCode', 'EMER', 'emergency'),
    type: [concept(EMERGENCY_RESPONSE)],
    priority: concept(hl7('v3-ActPriority', 'EM', 'emergency')),
    subject: story.subject,
    basedOn: [call],
    participant: [
      {
        type: [concept(hl7('v3-ParticipationType', 'PPRF', 'primary performer'))],
        period,
        individual: practitioner(crew.paramedic),
      },
      {
        type: [concept(hl7('v3-ParticipationType', 'CON', 'consultant'))],
        period,
        individual: practitioner(visit.doctor),
      },
    ],
    period,
    length: { value: STAY_MINUTES, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
    ...(xray.condition && { diagnosis: [{ condition: xray.condition, rank: 1 }] }),
    account: [refer('Account', `${story.person.prefix}-account`)],
    location: [
      { location: home, status: 'completed', period },
      { location: crew.unit.vehicle, status: 'completed', period },
    ],
    serviceProvider: ORGANIZATION.ambulance,
  };
}
