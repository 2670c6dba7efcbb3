import type { MedplumClient } from '@medplum/core';
import type {
  ChargeItem,
  Device,
  DiagnosticReport,
  Encounter,
  Endpoint,
  ImagingStudy,
  Invoice,
  Parameters,
  Patient,
  ServiceRequest,
  Task,
} from '@medplum/fhirtypes';
import { keyImage } from '../src/care/keyImage.ts';
import { IMAGING } from '../src/codes/imaging.ts';
import { concept, hl7, loinc, snomed, SYSTEM } from '../src/kit/concept.ts';
import { aeTitle, claiming, maxray } from '../src/kit/maxray.ts';
import { Modality } from './modality.ts';
import { until } from './server.ts';
import type { WorklistItem } from './worklistItem.ts';

/** What the walkthrough is about: one of the demo's people, and who cares for her. */
const PATIENT = 'demo-patient-01';
const DOCTOR = 'Practitioner/demo-doctor-okafor';
const UNIT_ID = 'demo-simulated-unit';
const UNIT = { aeTitle: 'SIMULATED_DX', name: 'SIM-DX-1' };
const COMPLETENESS = 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness';
const REPORT_STUDY = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task|report-study';

/** The bridge reads every 10 s who is admitted. */
const ADMITTED_MS = 30_000;
const RECORDED_MS = 90_000;
const BOT_MS = 60_000;

export interface Walk {
  medplum: MedplumClient;
  /** Root URL of the server. */
  root: string;
  dicom: { host: string; port: number; called: string };
  /** Told of each step, with what can be opened. */
  say(step: string, ...links: string[]): void;
}

type Stored<T> = T & { id: string };

/** From the order to the charge, as in a call at a patient's home. @throws Error where a step does not come about */
export async function walkThrough(walk: Walk): Promise<void> {
  const modality = await admitUnit(walk);
  const visit = await beginVisit(walk);
  const order = await orderImages(walk, visit);
  const item = await findInWorklist(walk, modality, order);
  const study = await takeImages(walk, modality, item);
  const task = await findTask(walk, study);
  await report(walk, study, order, task);
  await charge(walk, visit, study);
}

const linkOf = ({ root }: Walk, resource: { resourceType: string; id?: string }): string =>
  `${root}/fhir/R4/${resource.resourceType}/${resource.id}`;

async function admitUnit(walk: Walk): Promise<Modality> {
  const device = await walk.medplum.updateResource<Device>({
    resourceType: 'Device',
    id: UNIT_ID,
    identifier: [aeTitle(UNIT.aeTitle)],
    status: 'active',
    deviceName: [{ name: 'Simulated X-ray unit', type: 'user-friendly-name' }],
    type: concept(maxray('device', 'portable-xray', 'Portable digital X-ray unit')),
    property: [
      {
        type: concept(maxray('device', 'modality', 'Modality')),
        valueCode: [concept({ system: SYSTEM.dicom, code: 'DX', display: 'Digital Radiography' })],
      },
    ],
  });
  const endpoint = await walk.medplum.updateResource<Endpoint>({
    resourceType: 'Endpoint',
    id: UNIT_ID,
    identifier: [aeTitle(UNIT.aeTitle)],
    status: 'active',
    connectionType: maxray('connection', 'dicom-dimse', 'DICOM messages'),
    name: 'Simulated X-ray unit',
    payloadType: [{ text: 'DICOM' }],
    address: `dicom://${walk.dicom.host}`,
  });
  walk.say(
    'An X-ray unit is entered: a Device and its Endpoint.',
    linkOf(walk, device),
    linkOf(walk, endpoint),
  );
  const modality = new Modality({ ...walk.dicom, ...UNIT });
  await until('The unit is admitted', ADMITTED_MS, () =>
    modality.echo().then(
      () => true,
      () => undefined,
    ),
  );
  walk.say(`The DICOM bridge admits it: C-ECHO from ${UNIT.aeTitle} is answered.`);
  return modality;
}

async function beginVisit(walk: Walk): Promise<Stored<Encounter>> {
  const patient: Patient = await walk.medplum.readResource('Patient', PATIENT);
  const visit = await walk.medplum.createResource<Encounter>({
    resourceType: 'Encounter',
    status: 'in-progress',
    class: hl7('v3-ActCode', 'EMER', 'emergency'),
    subject: { reference: `Patient/${PATIENT}` },
    participant: [{ individual: { reference: DOCTOR } }],
    period: { start: new Date().toISOString() },
    serviceProvider: { reference: 'Organization/demo-clinic' },
  });
  walk.say('A crew is with the patient: an Encounter.', linkOf(walk, patient), linkOf(walk, visit));
  return visit;
}

async function orderImages(walk: Walk, visit: Stored<Encounter>): Promise<Stored<ServiceRequest>> {
  const { code, bodySite, reason } = IMAGING.ankle;
  const order = await walk.medplum.createResource<ServiceRequest>({
    resourceType: 'ServiceRequest',
    meta: claiming('xray-order'),
    status: 'active',
    intent: 'order',
    category: [concept(snomed('363679005', 'Imaging'))],
    priority: 'urgent',
    code: concept(code),
    subject: { reference: `Patient/${PATIENT}` },
    encounter: { reference: `Encounter/${visit.id}` },
    authoredOn: new Date().toISOString(),
    requester: { reference: DOCTOR },
    performer: [{ reference: `Device/${UNIT_ID}` }],
    reasonCode: [{ text: reason }],
    bodySite: [concept(bodySite)],
  });
  walk.say(
    `The doctor orders X-rays; the order gets the accession number ${accessionOf(order)}.`,
    linkOf(walk, order),
  );
  return order;
}

function accessionOf({ identifier = [] }: ServiceRequest): string {
  const number = identifier.find(({ type }) => type?.coding?.some(({ code }) => code === 'ACSN'))?.value;
  if (number === undefined) throw new Error('The order got no accession number.');
  return number;
}

async function findInWorklist(
  { say }: Walk,
  modality: Modality,
  order: ServiceRequest,
): Promise<WorklistItem> {
  const accession = accessionOf(order);
  const item = await modality.findOrder(accession);
  if (!item) throw new Error(`The order ${accession} is not in the worklist of the unit.`);
  say(`The unit finds it in its worklist (C-FIND): ${item.description}, study ${item.studyInstanceUid}.`);
  return item;
}

async function takeImages(walk: Walk, modality: Modality, item: WorklistItem): Promise<Stored<ImagingStudy>> {
  const taken = await modality.takeImages(item, ['ap', 'lateral']);
  walk.say(`The unit takes ${taken.length} images, sends them (C-STORE) and says that it is done (MPPS).`);
  const identifier = `urn:dicom:uid|urn:oid:${item.studyInstanceUid}`;
  const study = await until('The study is complete', RECORDED_MS, async () => {
    const found = await walk.medplum.searchOne('ImagingStudy', { identifier }, { cache: 'reload' });
    const said = found?.extension?.find(({ url }) => url === COMPLETENESS)?.valueCode;
    return said === 'complete' ? found : undefined;
  });
  walk.say(
    `They are in the record: an ImagingStudy of ${study.numberOfInstances} images, linked to order, visit and patient. The last link shows them, once and within five minutes.`,
    linkOf(walk, study),
    `${walk.root}/dicomweb/studies/${item.studyInstanceUid}`,
    await viewerLink(walk, study),
  );
  return study;
}

/** As whoever runs the walkthrough sees them. */
async function viewerLink({ medplum }: Walk, study: Stored<ImagingStudy>): Promise<string> {
  const operation = medplum.fhirUrl('ImagingStudy', study.id, '$view');
  const { parameter = [] } = (await medplum.post(operation, {
    resourceType: 'Parameters',
  })) as Parameters;
  return parameter.find(({ name }) => name === 'url')!.valueUrl!;
}

async function findTask(walk: Walk, study: Stored<ImagingStudy>): Promise<Stored<Task>> {
  const query = { focus: `ImagingStudy/${study.id}`, code: REPORT_STUDY };
  const task = await until('The doctor is asked to report', BOT_MS, () =>
    walk.medplum.searchOne('Task', query, { cache: 'reload' }),
  );
  walk.say(`The doctor is asked to report: a Task for ${task.owner?.reference}.`, linkOf(walk, task));
  return task;
}

async function report(
  walk: Walk,
  study: Stored<ImagingStudy>,
  order: Stored<ServiceRequest>,
  task: Stored<Task>,
): Promise<void> {
  const shown = await walk.medplum.createResource(keyImage(study, study.series![0]!.instance![0]!));
  const made = await walk.medplum.createResource<DiagnosticReport>({
    resourceType: 'DiagnosticReport',
    meta: claiming('imaging-report'),
    status: 'final',
    basedOn: [{ reference: `ServiceRequest/${order.id}` }],
    category: [concept(hl7('v2-0074', 'RAD', 'Radiology'))],
    code: concept(loinc('18748-4', 'Diagnostic imaging study')),
    subject: study.subject as DiagnosticReport['subject'] & object,
    encounter: study.encounter!,
    effectiveDateTime: study.started ?? new Date().toISOString(),
    issued: new Date().toISOString(),
    resultsInterpreter: [{ reference: DOCTOR }],
    imagingStudy: [{ reference: `ImagingStudy/${study.id}` }],
    media: [{ link: { reference: `Media/${shown.id}` } }],
    conclusion: IMAGING.ankle.finding.text,
  });
  walk.say(
    'The doctor reports the images: a DiagnosticReport with its key image.',
    linkOf(walk, made),
    linkOf(walk, shown),
  );
  await until('The Task is done', BOT_MS, async () => {
    const { status } = await walk.medplum.readResource('Task', task.id, { cache: 'reload' });
    return status === 'completed' ? true : undefined;
  });
  walk.say('The Task is done by that.', linkOf(walk, task));
}

/** What is charged while the visit lasts comes on its bill; the bot may not have charged the images yet. */
async function charge(walk: Walk, visit: Stored<Encounter>, study: Stored<ImagingStudy>): Promise<void> {
  const query = { service: `ImagingStudy/${study.id}` };
  const item = await until('The images are charged', BOT_MS, () =>
    walk.medplum.searchOne('ChargeItem', query, { cache: 'reload' }),
  );
  walk.say(`The images are charged: ${textOf(item)}.`, linkOf(walk, item));
  const now = await walk.medplum.readResource('Encounter', visit.id, { cache: 'reload' });
  const period = { ...now.period, end: new Date().toISOString() };
  await walk.medplum.updateResource<Encounter>({ ...now, status: 'finished', period });
  const invoice = await until('The invoice is made', BOT_MS, async () => {
    const account = item.account?.[0]?.reference;
    if (account === undefined) return undefined;
    const found = await walk.medplum.searchResources('Invoice', { account }, { cache: 'reload' });
    return found.find((one) => isOf(one, item));
  });
  const { value, currency } = invoice.totalGross ?? {};
  walk.say(`The visit is over. Its bill: ${value} ${currency}.`, linkOf(walk, invoice));
}

const textOf = ({ code }: ChargeItem): string => code.text ?? code.coding?.[0]?.display ?? 'images';

const isOf = ({ lineItem = [] }: Invoice, { id }: ChargeItem): boolean =>
  lineItem.some(({ chargeItemReference }) => chargeItemReference?.reference === `ChargeItem/${id}`);
