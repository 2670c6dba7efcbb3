import { fhirError } from '../../fhir/outcome.ts';
import type { IndexRows } from '../index/rows.ts';
import { contentText } from './content.ts';
import { isStalePlan } from './insertSql.ts';
import type { Write } from './types.ts';

/** How often a write is prepared anew because the index plan changed meanwhile. */
const STALE_TRIES_MAX = 5;

/** The index plan of a store, as this process knows it (store/reindex/indexPlans.ts). */
export interface KnownPlan {
  readonly revision: number;
  /** Asks the store again. */
  refresh(): Promise<void>;
  /** A resource's index rows by this plan, from its text. */
  index(content: string): IndexRows;
}

/** The plan of a store to which nothing was added. */
export const FIRST_PLAN: KnownPlan = {
  revision: 0,
  refresh: () => Promise.resolve(),
  index: () => {
    throw new Error('a store without added search parameters has one plan only');
  },
};

/** Keeps writes to the index plan of the store: PostgreSQL refuses those that were made by another (clockSql). */
export class PlannedWrites {
  readonly #plan: KnownPlan;

  constructor(plan: KnownPlan) {
    this.#plan = plan;
  }

  /** The write with index rows of the plan that is known now. */
  current<W extends Write>(write: W): W {
    const { revision } = this.#plan;
    if (write.method === 'D' || (write.planRevision ?? revision) === revision) return write;
    return {
      ...write,
      index: this.#plan.index(contentText(write.content, 1, new Date(0))),
      planRevision: revision,
    };
  }

  /** The revision that a batch is written by; one with writes of several plans is stale as a whole. */
  revisionOf(writes: readonly Write[]): number {
    let lowest = this.#plan.revision;
    for (const write of writes) {
      if (write.method !== 'D' && write.planRevision !== undefined) {
        lowest = Math.min(lowest, write.planRevision);
      }
    }
    return lowest;
  }

  /** Runs what writes, and again with the new plan when PostgreSQL refused it for its old one. */
  async againWhenStale<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!isStalePlan(error)) throw error;
        if (tries === STALE_TRIES_MAX) throw plansChanging();
        await this.#plan.refresh();
      }
    }
  }
}

const plansChanging = () =>
  fhirError('busy', 'transient', 'Search parameters are being changed: nothing was written, try again.');
