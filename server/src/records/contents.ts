import { isId } from '../fhir/id.ts';
import type { ParsedJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import { contentParts, contentText } from '../store/resource/content.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import { requireUnrestricted } from './gate/refusals.ts';

/** The door for those who must know whether a write of theirs was done, because they cannot tell any more. */
export class ContentRecords {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether the current version of the resource is what an update with this body would store, time and version aside. */
  async holds(caller: Caller, type: string, id: string, body: ParsedJson): Promise<boolean> {
    requireUnrestricted(caller, 'An import');
    const found = isId(id) ? await this.#store.reader.read(type, id) : undefined;
    if (found === undefined || found.content === null) return false;
    return (
      found.content ===
      contentText(contentParts(body.exact as Resource, id), found.version, found.lastUpdated)
    );
  }
}
