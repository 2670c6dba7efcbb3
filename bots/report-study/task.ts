import type { CodeableConcept, ImagingStudy, Reference, ServiceRequest, Task } from '@medplum/fhirtypes';
import type { MedplumClient } from '../lib/define/define.ts';
import { readIfThere } from '../lib/person/person.ts';
import { completenessOf } from './completeness.ts';

export type StudyTask = Task & { id: string };

export const TASK_SYSTEM = 'https://maxray.example/fhir/identifier/study-report';
const TASK_CODES = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task';
/** As a token of searches. */
export const REPORT_STUDY = `${TASK_CODES}|report-study`;
/** Input: how many images there were when it was asked. */
export const IMAGES: CodeableConcept = { text: 'Images' };
/** Output: the report. */
export const REPORT: CodeableConcept = { text: 'Report' };

/** DICOM's code of the modality of documents. */
const DOCUMENT = 'DOC';
const RADIOLOGIST: CodeableConcept = {
  coding: [{ system: 'http://snomed.info/sct', code: '66862007', display: 'Radiologist' }],
};
const OPEN: ReadonlySet<string> = new Set([
  'requested',
  'received',
  'accepted',
  'ready',
  'in-progress',
  'on-hold',
]);

export const isOpen = ({ status }: Task): boolean => OPEN.has(status);

/** What the doctor is asked who reads a study, or else who has asked for it; of no doctor in particular where neither is known. */
export async function taskOf(medplum: MedplumClient, study: ImagingStudy & { id: string }): Promise<Task> {
  const { subject, encounter, basedOn = [], interpreter = [], referrer } = study;
  const order = await orderOf(medplum, basedOn as Reference[]);
  const requester = referrer ?? order?.requester;
  const owner = interpreter[0] ?? requester;
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    ...(order?.priority && { priority: order.priority }),
    code: { coding: [{ system: TASK_CODES, code: 'report-study', display: 'Report the images of a study' }] },
    description: descriptionOf(study),
    focus: { reference: `ImagingStudy/${study.id}` },
    ...(order && { basedOn: [{ reference: `ServiceRequest/${order.id}` }] }),
    for: subject,
    ...(encounter && { encounter }),
    authoredOn: study.meta!.lastUpdated!,
    ...(requester && { requester }),
    performerType: [RADIOLOGIST],
    ...(owner && { owner }),
    input: [{ type: IMAGES, valueUnsignedInt: imageCountOf(study) }],
  } as Task;
}

/** Of all that is in a study but documents, such as reports that were written back: they are not there to be reported. */
function imageCountOf({ numberOfInstances = 0, series = [] }: ImagingStudy): number {
  const documents = series.filter(({ modality }) => modality.code === DOCUMENT);
  return documents.reduce((count, { numberOfInstances = 0 }) => count - numberOfInstances, numberOfInstances);
}

function descriptionOf(study: ImagingStudy): string {
  const { procedureCode: [code] = [], description } = study;
  const what = code?.text ?? code?.coding?.[0]?.display ?? description ?? 'Images';
  return completenessOf(study) === 'partial' ? `${what}. Some images that were announced are missing.` : what;
}

async function orderOf(
  medplum: MedplumClient,
  basedOn: readonly Reference[],
): Promise<(ServiceRequest & { id: string }) | undefined> {
  const order = basedOn.find(({ reference }) => reference?.startsWith('ServiceRequest/'));
  return readIfThere(medplum, order as Reference<ServiceRequest> | undefined);
}
