import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { PAGE_BYTES_MAX } from '../../pageBytes.ts';
import type { StoredVersion } from '../../resource/types.ts';
import type { Lookup } from './lookup.ts';
import type { Room } from './placedPage.ts';
import type { WantedType } from './wanted.ts';

/** A resource of a page: a match, or one that came along. */
export type PageResource = Pick<StoredVersion, 'id' | 'content'> & { type: string };

/** What one page has found so far, and the room that is left. */
export class IncludeRun {
  readonly resources: PageResource[] = [];
  readonly room: Room;
  truncated = false;
  readonly #index: IndexQuery;
  readonly #present = new Map<string, Set<string>>();

  constructor(index: IndexQuery, matches: readonly PageResource[], resourcesMax: number) {
    this.#index = index;
    this.room = { resources: resourcesMax, bytes: PAGE_BYTES_MAX };
    for (const match of matches) this.#markPresent(match);
  }

  add(resource: PageResource): void {
    this.#markPresent(resource);
    this.resources.push(resource);
    this.room.resources--;
    this.room.bytes -= Buffer.byteLength(resource.content ?? '');
  }

  lookup(type: string, wanted: WantedType): Lookup | undefined {
    const present = this.#present.get(type);
    const ids = [...wanted.ids].filter((id) => !present?.has(id));
    if (ids.length + wanted.keys.size + wanted.patients.size === 0) return undefined;
    return {
      ids: ids.map((id) => ({ id, self: this.#index.selfKey(type, id) })),
      keys: [...wanted.keys],
      patients: [...wanted.patients],
      without: wanted.keys.size + wanted.patients.size === 0 ? [] : this.#selvesPresent(type),
    };
  }

  canonicalLookup(type: string, wanted: WantedType): Lookup | undefined {
    if (wanted.canonicalKeys.size === 0) return undefined;
    return { ids: [], keys: [...wanted.canonicalKeys], patients: [], without: this.#selvesPresent(type) };
  }

  #selvesPresent(type: string): Key[] {
    return [...(this.#present.get(type) ?? [])].map((id) => this.#index.selfKey(type, id));
  }

  #markPresent({ type, id }: PageResource): void {
    let ids = this.#present.get(type);
    if (!ids) this.#present.set(type, (ids = new Set()));
    ids.add(id);
  }
}
