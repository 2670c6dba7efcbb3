import type { MedplumClient } from '@medplum/core';
import type { Bundle, Task } from '@medplum/fhirtypes';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { reasonOf } from '../log/reason.ts';

export interface AcceptancesParts {
  server: { client(): Promise<MedplumClient> };
  log: (event: string, details: Record<string, unknown>) => void;
}

/** Tasks that are accepted at a time; the next query of the unit brings the others. */
export const ACCEPTED_AT_ONCE_MAX = 100;
const NEW: readonly Task['status'][] = ['requested', 'received'];

/**
 * A unit that has fetched its worklist has accepted what is in it. Nothing is kept: what cannot be told now is told after the next query, and where
 * somebody has changed a Task meanwhile, that stays.
 */
export class Acceptances {
  readonly #parts: AcceptancesParts;
  #underWay: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(parts: AcceptancesParts) {
    this.#parts = parts;
  }

  /** The unit that is to do these has them in its worklist. */
  taken(tasks: readonly Task[]): void {
    const fresh = tasks.filter(({ status }) => NEW.includes(status)).slice(0, ACCEPTED_AT_ONCE_MAX);
    if (fresh.length === 0 || this.#isStopped) return;
    this.#underWay = this.#underWay.then(() => this.#accept(fresh));
  }

  /** Ends when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#underWay;
  }

  /** Never rejects. */
  async #accept(tasks: readonly Task[]): Promise<void> {
    const bundle: Bundle = { resourceType: 'Bundle', type: 'batch', entry: tasks.map(accepted) };
    try {
      await (await this.#parts.server.client()).executeBatch(bundle);
    } catch (error) {
      if (!(error instanceof ServerAwayError))
        this.#parts.log('tasks not accepted', { reason: reasonOf(error) });
    }
  }
}

/** Only in place of the version that was seen. */
const accepted = (task: Task) => ({
  resource: { ...task, status: 'accepted' as const },
  request: { method: 'PUT' as const, url: `Task/${task.id}`, ifMatch: `W/"${task.meta!.versionId}"` },
});
