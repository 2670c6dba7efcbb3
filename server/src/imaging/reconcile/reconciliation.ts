import type { ImagingStudy } from '@medplum/fhirtypes';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from '../../records/caller.ts';
import { asAuthor } from '../../records/provenance/asAuthor.ts';
import type { Records, StoredVersion, TransactionOperation } from '../../records/records.ts';
import { isSame, linksOf, withMembers, type StudyLinks } from './links.ts';
import {
  findTask,
  resolvedTask,
  unresolvedTask,
  versionBefore,
  type StudyTask,
} from './reconciliationTask.ts';
import { wantedLinks, type Resolution } from './wantedLinks.ts';

/** How often it is begun anew when images of the study arrive at the same moment. */
const ATTEMPTS_MAX = 8;

type Door = Pick<Records, 'read' | 'readVersion' | 'check' | 'transact' | 'parseSearch' | 'search'>;
type Version = Pick<StoredVersion, 'id' | 'version'> & { content: string };

/** A study is linked by somebody who knows whose it is, and that can be taken back (decision 0049). */
export class Reconciliation {
  readonly #records: Door;

  constructor(records: Door) {
    this.#records = records;
  }

  /**
   * Links a study to a patient or an order, and closes the Task that asks for it, in one transaction with its Provenance.
   *
   * @returns the study as it is then
   * @throws FhirError `not-found`, `forbidden`, `unprocessable` where what is named cannot be linked
   */
  async resolve(caller: Caller, id: string, resolution: Resolution): Promise<Version> {
    const links = await wantedLinks(this.#records, caller, resolution);
    return this.#attempts(async () => {
      const current = await this.#records.read(caller, 'ImagingStudy', id);
      const study = JSON.parse(current.content) as ImagingStudy;
      const task = await findTask(this.#records, study);
      const isOpen = task !== undefined && task.task.status !== 'completed';
      if (isSame(linksOf(study), links) && !isOpen) return current;
      return this.#store(caller, current, links, task, resolvedTask(task, study, current.version, links));
    });
  }

  /**
   * Links a study as it was before it was resolved last.
   *
   * @throws FhirError `conflict` where it was not, or has been linked otherwise since
   */
  async unresolve(caller: Caller, id: string): Promise<Version> {
    return this.#attempts(async () => {
      const current = await this.#records.read(caller, 'ImagingStudy', id);
      const study = JSON.parse(current.content) as ImagingStudy;
      const task = await findTask(this.#records, study);
      const version = task && versionBefore(task.task);
      if (!task || version === undefined) throw nothingToUndo();
      if (!isSame(linksOf(study), await this.#linksOf(id, version + 1))) throw linkedSince();
      const links = await this.#linksOf(id, version);
      await this.#requireSeen(caller, links);
      return this.#store(caller, current, links, task, unresolvedTask(task, links));
    });
  }

  /** Both, or none, on the versions that were seen. */
  async #store(
    caller: Caller,
    current: Version,
    links: StudyLinks,
    task: StudyTask | undefined,
    newTask: { value: unknown; exact: unknown },
  ): Promise<Version> {
    const study = withMembers(current.content, { ...linksOf(links) });
    const operations: TransactionOperation[] = [
      {
        kind: 'update',
        type: 'ImagingStudy',
        id: current.id,
        resource: await this.#records.check(study, 'ImagingStudy'),
        expectedVersion: current.version,
      },
      {
        ...(task ? { kind: 'update', id: task.task.id!, expectedVersion: task.version } : { kind: 'create' }),
        type: 'Task',
        resource: await this.#records.check(newTask, 'Task'),
      } as TransactionOperation,
    ];
    const [written] = await this.#records.transact(asAuthor(caller), operations);
    if (written?.outcome !== 'updated') throw new Error('an update has no result');
    return written;
  }

  /** Of a version of its history, which is the server's own to know. @throws FhirError `conflict` where it is gone */
  async #linksOf(id: string, version: number): Promise<StudyLinks> {
    try {
      const found = await this.#records.readVersion(LOCAL_CALLER, 'ImagingStudy', id, String(version));
      return linksOf(JSON.parse(found.content) as ImagingStudy);
    } catch (error) {
      if (error instanceof FhirError && error.category === 'not-found') throw nothingToUndo();
      throw error;
    }
  }

  /** Nobody links a study to somebody whom he may not see. */
  async #requireSeen(caller: Caller, { subject }: StudyLinks): Promise<void> {
    const [type, id] = subject.reference?.split('/') ?? [];
    if (type !== undefined && id !== undefined) await this.#records.read(caller, type, id);
  }

  async #attempts(attempt: () => Promise<Version>): Promise<Version> {
    for (let i = 1; ; i += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isLate = error instanceof FhirError && error.category === 'precondition-failed';
        if (!isLate) throw error;
        if (i === ATTEMPTS_MAX) throw alwaysLate();
      }
    }
  }
}

const nothingToUndo = (): FhirError =>
  fhirError(
    'conflict',
    'business-rule',
    'The study was not resolved by $resolve, or that was taken back already: to link it otherwise, call $resolve.',
  );

const linkedSince = (): FhirError =>
  fhirError(
    'conflict',
    'conflict',
    'The study has been linked otherwise since it was resolved, so that cannot be taken back: call $resolve.',
  );

const alwaysLate = (): FhirError =>
  fhirError(
    'busy',
    'transient',
    'Images of the study are arriving, and nothing was changed: try again in a moment.',
  );
