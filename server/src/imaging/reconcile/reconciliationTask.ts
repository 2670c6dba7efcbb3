import type { ImagingStudy, Task } from '@medplum/fhirtypes';
import { LOCAL_CALLER } from '../../records/caller.ts';
import { versionNumber, type Records } from '../../records/records.ts';
import { studyInstanceUidOf } from '../studies.ts';
import { withMembers, type StudyLinks } from './links.ts';

/** Of the Task that the bridge makes when it does not know whose a study is: one for each study. */
const IDENTIFIER_SYSTEM = 'https://maxray.example/fhir/identifier/study-reconciliation';
const CODE_SYSTEM = 'https://maxray.example/fhir/CodeSystem/maxray-imaging-task';
const RECONCILE = { system: CODE_SYSTEM, code: 'reconcile-study', display: 'Find out whose a study is' };
const LINKS_BEFORE = { system: CODE_SYSTEM, code: 'links-before', display: 'Linked before as' };
const VERSION = /^ImagingStudy\/[A-Za-z0-9\-.]{1,64}\/_history\/([1-9]\d{0,8})$/;

/** The Task of a study, with the text and the version that are stored. */
export interface StudyTask {
  task: Task;
  content: string;
  version: number;
}

/** Found whoever asks: that somebody may not see it must not make a second one. */
export async function findTask(
  records: Pick<Records, 'parseSearch' | 'search'>,
  study: ImagingStudy,
): Promise<StudyTask | undefined> {
  const pairs = [
    ['focus', `ImagingStudy/${study.id}`],
    ['code', `${CODE_SYSTEM}|${RECONCILE.code}`],
    ['_sort', '_lastUpdated'],
    ['_count', '1'],
  ] as const;
  const { query } = records.parseSearch({ type: 'Task' }, pairs, 'strict');
  const [found] = (await records.search(LOCAL_CALLER, query)).matches;
  if (!found) return undefined;
  const task = JSON.parse(found.content) as Task;
  return { task, content: found.content, version: versionNumber(task.meta!.versionId!)! };
}

/** Done: it keeps which version the links can be taken back to. */
export function resolvedTask(
  found: StudyTask | undefined,
  study: ImagingStudy,
  before: number,
  { subject }: StudyLinks,
) {
  const output = [
    {
      type: { coding: [LINKS_BEFORE] },
      valueReference: { reference: `ImagingStudy/${study.id}/_history/${before}` },
    },
  ];
  const done = { status: 'completed', for: subject, lastModified: new Date().toISOString(), output };
  if (found) return withMembers(found.content, done);
  const uid = studyInstanceUidOf(study);
  const made = {
    resourceType: 'Task',
    ...(uid !== undefined && { identifier: [{ system: IDENTIFIER_SYSTEM, value: uid }] }),
    intent: 'order',
    code: { coding: [RECONCILE] },
    focus: { reference: `ImagingStudy/${study.id}` },
    authoredOn: done.lastModified,
    ...done,
  };
  return { value: made, exact: made };
}

/** Nothing is to be taken back any more; it is open again where it is not known whose the study is. */
export function unresolvedTask({ content }: StudyTask, { subject }: StudyLinks) {
  const isKnown = subject.reference !== undefined;
  return withMembers(content, {
    status: isKnown ? 'cancelled' : 'requested',
    for: isKnown ? subject : undefined,
    lastModified: new Date().toISOString(),
    output: undefined,
  });
}

/** Number of the version that the links can be taken back to; undefined where nothing was resolved. */
export function versionBefore({ output = [] }: Task): number | undefined {
  const [found] = output.filter(({ type }) => type.coding?.some(({ code }) => code === LINKS_BEFORE.code));
  const version = VERSION.exec(found?.valueReference?.reference ?? '')?.[1];
  return version === undefined ? undefined : Number(version);
}
