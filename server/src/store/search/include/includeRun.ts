import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { PAGE_BYTES_MAX } from '../../pageBytes.ts';
import type { StoredVersion } from '../../resource/types.ts';
import type { Lookup } from './lookup.ts';
import type { NamedVersion } from './namedVersions.ts';
import type { Room } from './placedPage.ts';
import type { WantedType } from './wanted.ts';

/** A resource of a page: a match, or one that came along. */
export type PageResource = Pick<StoredVersion, 'id' | 'content'> & {
  type: string;
  /** The version that a reference names, where it is not the current one. */
  past?: StoredVersion;
};

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

  /** Versions that are not there yet, and for which there is room. */
  versionLookup(type: string, { versions }: WantedType): NamedVersion[] {
    const present = this.#present.get(type);
    const absent = [...versions].flatMap(([id, numbers]) =>
      [...numbers]
        .filter((version) => !present?.has(nameOf(id, version)))
        .map((version) => ({ id, version, self: this.#index.selfKey(type, id) })),
    );
    if (absent.length > this.room.resources) this.truncated = true;
    return absent.slice(0, this.room.resources);
  }

  /** Whether the current version of a resource is there. */
  has(type: string, id: string): boolean {
    return this.#present.get(type)?.has(id) ?? false;
  }

  canonicalLookup(type: string, wanted: WantedType): Lookup | undefined {
    if (wanted.canonicalKeys.size === 0) return undefined;
    return { ids: [], keys: [...wanted.canonicalKeys], patients: [], without: this.#selvesPresent(type) };
  }

  #selvesPresent(type: string): Key[] {
    return [...(this.#present.get(type) ?? [])].map((id) => this.#index.selfKey(type, id));
  }

  #markPresent({ type, id, past }: PageResource): void {
    let ids = this.#present.get(type);
    if (!ids) this.#present.set(type, (ids = new Set()));
    ids.add(past ? nameOf(id, past.version) : id);
  }
}

/** A past version among ids: no id has a slash. */
const nameOf = (id: string, version: number): string => `${id}/_history/${version}`;
