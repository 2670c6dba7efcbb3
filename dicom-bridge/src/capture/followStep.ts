import type { MedplumClient } from '@medplum/core';
import type { Reference, Task } from '@medplum/fhirtypes';
import type { PerformedStep, StepStatus } from '../mpps/performedStep.ts';
import { CAPTURE, OPEN_STATUSES, unitOf } from './captureTask.ts';

const STATUSES: Readonly<Record<StepStatus, Task['status']>> = {
  'IN PROGRESS': 'in-progress',
  COMPLETED: 'completed',
  DISCONTINUED: 'on-hold', // the images may be taken again
};
/** Who asks a unit decides whether it is asked again, or another one. */
const BROKEN_OFF_BY_UNIT: Task['status'] = 'failed';

/**
 * The open Tasks to take the images of orders, as a step leaves them. None that is so already, and none of another unit.
 *
 * @param unit reference to the Device that does the step; undefined: the record does not know it
 */
export async function followStep(
  medplum: MedplumClient,
  orders: readonly Reference[],
  { status, discontinuation }: PerformedStep,
  unit: string | undefined,
): Promise<Task[]> {
  if (orders.length === 0) return [];
  const focus = orders.map(({ reference }) => reference).join(',');
  const query = new URLSearchParams({ code: CAPTURE, focus, status: OPEN_STATUSES.join(',') });
  const tasks = await medplum.searchResources('Task', query, { cache: 'reload' });
  return tasks
    .filter((task) => [undefined, unit].includes(unitOf(task)))
    .filter((task) => task.status !== statusOf(task, status))
    .map((task) => ({
      ...task,
      status: statusOf(task, status),
      ...(status === 'DISCONTINUED' && discontinuation && { statusReason: discontinuation }),
    }));
}

const statusOf = (task: Task, step: StepStatus): Task['status'] =>
  step === 'DISCONTINUED' && unitOf(task) !== undefined ? BROKEN_OFF_BY_UNIT : STATUSES[step];
