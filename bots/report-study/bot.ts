import type { DiagnosticReport, ImagingStudy, Task } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler, MedplumClient } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import { isNews } from '../lib/notify/news.ts';
import { completenessOf } from './completeness.ts';
import { reportSince, studiesOf } from './studies.ts';
import { IMAGES, isOpen, REPORT, REPORT_STUDY, taskOf, TASK_SYSTEM, type StudyTask } from './task.ts';
import policy from './policy.json' with { type: 'json' };

export const bot: BotDefinition = {
  name: 'report-study',
  title: 'Tasks to report images',
  description:
    'Asks the doctor who reads them, or has asked for them, to report the images of a study that is complete; done when there is a final report, and asked again when images come after it.',
  triggers: [
    { criteria: 'ImagingStudy?status=available,cancelled,entered-in-error' },
    { criteria: 'DiagnosticReport?status=final,amended,corrected,appended' },
  ],
  policy: { ...(policy as BotDefinition['policy']), extension: purposeOfUse('TREAT') },
};

/** Most Tasks of a study that are looked through. */
const TASKS_MAX = 100;

export const handler: BotHandler<{ resourceType: string; id: string }> = async (medplum, { input }) => {
  if (input.resourceType === 'DiagnosticReport')
    return reported(medplum, await medplum.readResource('DiagnosticReport', input.id, NOT_REMEMBERED));
  return changed(medplum, await medplum.readResource('ImagingStudy', input.id, NOT_REMEMBERED));
};

const NOT_REMEMBERED = { cache: 'reload' } as const;

/** A study as it is now: asked for where it is whole and somebody's, given up where it was none. */
async function changed(medplum: MedplumClient, study: ImagingStudy & { id: string }): Promise<string> {
  const tasks = await tasksOf(medplum, study.id);
  const open = tasks.find(isOpen);
  if (study.status !== 'available') return open ? close(medplum, open, { status: 'cancelled' }) : 'none';
  if (study.subject.reference === undefined || completenessOf(study) === 'arriving') return 'not yet';
  const wanted = await taskOf(medplum, study);
  const asked = open ? await brought(medplum, open, wanted) : await made(medplum, study, tasks, wanted);
  if (asked === undefined) return 'none';
  // Read after the Task was written, and who has a report looks for Tasks after that was: so either sees what the other has done.
  const report = await reportSince(medplum, study);
  return report && isOpen(asked) ? close(medplum, asked, reportedBy(report)) : 'asked';
}

/** @returns undefined where there is nothing to ask: it is old, or all of its images are reported */
async function made(
  medplum: MedplumClient,
  study: ImagingStudy & { id: string },
  tasks: readonly StudyTask[],
  wanted: Task,
): Promise<StudyTask | undefined> {
  const reportedImages = Math.max(0, ...tasks.filter(({ status }) => status === 'completed').map(imagesOf));
  if (tasks.length === 0 ? !isNews(study.started, study) : imagesOf(wanted) <= reportedImages)
    return undefined;
  const number = tasks.length === 0 ? study.id : `${study.id}-${imagesOf(wanted)}`;
  const task: Task = { ...wanted, identifier: [{ system: TASK_SYSTEM, value: number }] };
  return medplum.createResourceIfNoneExist(task, `identifier=${TASK_SYSTEM}|${number}`);
}

/** A report is final: whoever was asked for it has done it. */
async function reported(
  medplum: MedplumClient,
  report: DiagnosticReport & { id: string },
): Promise<{ done: number }> {
  let done = 0;
  for (const study of await studiesOf(medplum, report))
    for (const task of (await tasksOf(medplum, study)).filter(isOpen)) {
      await close(medplum, task, reportedBy(report));
      done += 1;
    }
  return { done };
}

const reportedBy = ({ id }: DiagnosticReport): Partial<Task> => ({
  status: 'completed',
  output: [{ type: REPORT, valueReference: { reference: `DiagnosticReport/${id}` } }],
});

const tasksOf = (medplum: MedplumClient, study: string): Promise<StudyTask[]> =>
  medplum.searchResources(
    'Task',
    { focus: `ImagingStudy/${study}`, code: REPORT_STUDY, _sort: '_id', _count: String(TASKS_MAX) },
    NOT_REMEMBERED,
  );

const imagesOf = ({ input = [] }: Task): number =>
  input.find(({ type }) => type.text === IMAGES.text)?.valueUnsignedInt ?? 0;

const isOfSame = (one: Task, other: Task): boolean => one.for?.reference === other.for?.reference;

const isSame = (one: Task, other: Task): boolean =>
  isOfSame(one, other) && one.description === other.description && imagesOf(one) === imagesOf(other);

/** Who has been given a Task keeps it, unless its study turns out to be another patient's. */
async function brought(medplum: MedplumClient, open: StudyTask, wanted: Task): Promise<StudyTask> {
  if (isSame(open, wanted)) return open;
  const { status: _status, ...others } = wanted;
  if (!isOfSame(open, wanted)) return write(medplum, open, others);
  const { description, input } = wanted;
  return write(medplum, open, { description: description!, input: input! });
}

async function close(medplum: MedplumClient, task: StudyTask, changes: Partial<Task>): Promise<string> {
  return (await write(medplum, task, changes)).status;
}

function write(medplum: MedplumClient, task: StudyTask, changes: Partial<Task>): Promise<StudyTask> {
  const headers = { 'If-Match': `W/"${task.meta!.versionId}"` };
  return medplum.updateResource({ ...task, ...changes } as StudyTask, { headers });
}
