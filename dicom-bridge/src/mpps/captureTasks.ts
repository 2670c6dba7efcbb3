import type { MedplumClient } from '@medplum/core';
import type { Reference, Task } from '@medplum/fhirtypes';
import type { PerformedStep, StepStatus } from './performedStep.ts';

const CODE = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task|capture-images';
/** Tasks that are over stay as they are. */
const OPEN = 'requested,received,accepted,ready,in-progress,on-hold';
const STATUSES: Readonly<Record<StepStatus, Task['status']>> = {
  'IN PROGRESS': 'in-progress',
  COMPLETED: 'completed',
  DISCONTINUED: 'on-hold', // the images may be taken again
};

/** The open Tasks to take the images of orders, as a step leaves them. None that is so already. */
export async function captureTasks(
  medplum: MedplumClient,
  orders: readonly Reference[],
  { status, discontinuation }: PerformedStep,
): Promise<Task[]> {
  if (orders.length === 0) return [];
  const focus = orders.map(({ reference }) => reference).join(',');
  const query = new URLSearchParams({ code: CODE, focus, status: OPEN });
  const tasks = await medplum.searchResources('Task', query, { cache: 'reload' });
  return tasks
    .filter((task) => task.status !== STATUSES[status])
    .map((task) => ({
      ...task,
      status: STATUSES[status],
      ...(status === 'DISCONTINUED' && discontinuation && { statusReason: discontinuation }),
    }));
}
