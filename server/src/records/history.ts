import { isId } from '../fhir/id.ts';
import type { ChangeCursor } from '../store/history/changeHistory.ts';
import type { HistoryFilter, HistoryPage } from '../store/history/types.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import type { Cursors } from './cursors.ts';
import type { Gate } from './gate/gate.ts';
import { notFound } from './liveVersion.ts';

/** The part of Records that looks back. */
export class RecordHistory {
  readonly #store: Store;
  readonly #cursors: Cursors;
  readonly #gate: Gate;

  constructor(store: Store, cursors: Cursors, gate: Gate) {
    this.#store = store;
    this.#cursors = cursors;
    this.#gate = gate;
  }

  /** Versions of one resource, newest first. @throws FhirError `not-found` when there never was one that the caller may see */
  async ofInstance(
    caller: Caller,
    type: string,
    id: string,
    filter: HistoryFilter,
    page?: string,
  ): Promise<HistoryPage<string>> {
    this.#gate.requireOffered(caller, type, 'history');
    const identity = historyIdentity(type, id, filter);
    const before = page === undefined ? undefined : this.#cursors.open<number>(caller, identity, page);
    const current = isId(id) ? await this.#store.reader.read(type, id) : undefined;
    if (current === undefined) throw notFound(type, id);
    if ((await this.#gate.history(caller, [{ ...current, type }])).length === 0) throw notFound(type, id);
    const found = await this.#store.instanceHistory({ type, id }, filter, before);
    return this.#sealed(caller, identity, found);
  }

  /** Versions of every resource of a type, or of all types, newest first. */
  async ofChanges(
    caller: Caller,
    type: string | undefined,
    filter: HistoryFilter,
    page?: string,
  ): Promise<HistoryPage<string>> {
    if (type !== undefined) this.#gate.requireOffered(caller, type, 'history');
    const identity = historyIdentity(type, undefined, filter);
    const after = page === undefined ? undefined : this.#cursors.open<ChangeCursor>(caller, identity, page);
    return this.#sealed(caller, identity, await this.#store.changeHistory(type, filter, after));
  }

  async #sealed(caller: Caller, identity: string, found: HistoryPage<unknown>): Promise<HistoryPage<string>> {
    const entries = await this.#gate.history(caller, found.entries);
    caller.trail?.showsAll(entries);
    if (found.next === undefined) return { entries };
    return { entries, next: this.#cursors.seal(caller, identity, found.next) };
  }
}

function historyIdentity(type: string | undefined, id: string | undefined, filter: HistoryFilter): string {
  return JSON.stringify(['history', type, id, filter.since, filter.at]);
}
