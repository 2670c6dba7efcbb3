import type { Task } from '@medplum/fhirtypes';

const SYSTEM = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task';
const CODE = 'capture-images';
const OF_A_DEVICE = /^Device\/[^/]+$/;

/** Code of Tasks to take the images of an order, as search has it. */
export const CAPTURE = `${SYSTEM}|${CODE}`;
/** Tasks that are not over. */
export const OPEN_STATUSES: readonly Task['status'][] = [
  'requested',
  'received',
  'accepted',
  'ready',
  'in-progress',
  'on-hold',
];
/** What somebody has asked for only by mistake, or not yet. */
const NOT_ASKED: readonly Task['status'][] = ['draft', 'entered-in-error'];

/** Reference to the X-ray unit that is to do a Task; undefined where that is nobody, or a person. */
export function unitOf({ owner }: Task): string | undefined {
  return owner?.reference !== undefined && OF_A_DEVICE.test(owner.reference) ? owner.reference : undefined;
}

export const isOpen = ({ status }: Task): boolean => OPEN_STATUSES.includes(status);

/** Is it an order to an X-ray unit (profile maxray-capture-task), whatever has become of it? @param patient reference to whose order it is */
export const isCapture = (task: Task, patient: string | undefined): boolean =>
  task.code?.coding?.some(({ system, code }) => system === SYSTEM && code === CODE) === true &&
  unitOf(task) !== undefined &&
  task.for?.reference === patient &&
  !NOT_ASKED.includes(task.status);
