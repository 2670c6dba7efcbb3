import type { IndexRows } from '../index/rows.ts';
import type { Write } from '../resource/types.ts';

/** Versions of which rows are kept: those that have not been looked through when more are written go first. */
export const RECENT_ROWS_MAX = 1_000;

/** `meta` of a version, as far as it tells versions apart. */
export interface VersionMeta {
  versionId?: string;
  lastUpdated?: string;
}

interface Kept {
  rows: IndexRows;
  /** Of the index plan that they were made by. */
  revision: number | undefined;
}

/**
 * What the index has of resources that this process has written lately, where somebody is to be told of them: to make it again for the
 * comparison with criteria takes as long as all else that telling does with a write that nobody asked for.
 */
export class RecentRows {
  readonly #kept = new Map<string, Kept>();
  #types: ReadonlySet<string> = new Set();

  /** @param types of which rows are to be kept from now on */
  keepOf(types: readonly string[]): void {
    this.#types = new Set(types);
    if (types.length === 0) this.#kept.clear();
  }

  /** To be called with a write that was applied. */
  add(write: Write, { version, lastUpdated }: { version: number; lastUpdated: Date }): void {
    if (write.method === 'D' || !this.#types.has(write.type)) return;
    const { type, id, index: rows, planRevision: revision } = write;
    const meta = { versionId: String(version), lastUpdated: lastUpdated.toISOString() };
    this.#kept.set(nameOf(type, id, meta), { rows, revision });
    if (this.#kept.size > RECENT_ROWS_MAX) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** The rows of a version, once. @param meta as it stands in the version @param revision of the index plan that they must be by */
  take(type: string, id: string, meta: VersionMeta, revision: number | undefined): IndexRows | undefined {
    const name = nameOf(type, id, meta);
    const kept = this.#kept.get(name);
    if (kept === undefined) return undefined;
    this.#kept.delete(name);
    return kept.revision === revision ? kept.rows : undefined;
  }
}

/** By its time, too: what was erased may come again under the same id, with the same version. */
const nameOf = (type: string, id: string, { versionId, lastUpdated }: VersionMeta): string =>
  `${type}/${id}/${versionId} ${lastUpdated}`;
