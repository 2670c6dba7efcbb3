import { fhirError } from '../fhir/outcome.ts';
import type { ReindexStatus } from '../store/reindex/reindexing.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';

export type { ReindexStatus } from '../store/reindex/reindexing.ts';

/** The door to the index and to the search parameters that were added: for administrators. */
export class IndexRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Starts what brings the index up to date, or carries on with it; returns at once.
   *
   * @param wanted `type`: this one, even if nothing is known to be missing; `all`: every type likewise
   * @throws FhirError `forbidden`
   */
  async reindex(caller: Caller, wanted: { type?: string; all?: boolean }): Promise<ReindexStatus> {
    requireAdministrator(caller);
    await this.#store.reindexing.request(wanted);
    return this.#store.reindexing.status();
  }

  /** How far it is. @throws FhirError `forbidden` */
  async status(caller: Caller): Promise<ReindexStatus> {
    requireAdministrator(caller);
    return this.#store.reindexing.status();
  }
}

function requireAdministrator({ isAdministrator }: Caller): void {
  if (!isAdministrator) throw fhirError('forbidden', 'forbidden', 'Only administrators may use $reindex.');
}
