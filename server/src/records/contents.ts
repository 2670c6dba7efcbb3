import { isId } from '../fhir/id.ts';
import type { ParsedJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import { contentParts, contentText } from '../store/resource/content.ts';
import type { Store } from '../store/store.ts';
import type { Caller } from './caller.ts';
import { Gate } from './gate/gate.ts';

/** The door for those who must know whether a write of theirs was done, because they cannot tell any more. */
export class ContentRecords {
  readonly #store: Store;
  readonly #gate: Gate;

  constructor(store: Store) {
    this.#store = store;
    this.#gate = new Gate(store);
  }

  /**
   * Whether the current version of the resource is what an update with this body would store, time and version aside. To a caller who
   * may not see all of it, it is not.
   */
  async holds(caller: Caller, type: string, id: string, body: ParsedJson): Promise<boolean> {
    const found = isId(id) ? await this.#store.reader.read(type, id) : undefined;
    if (found === undefined || found.content === null) return false;
    const [seen] = await this.#gate.visible(caller, [{ ...found, type }]);
    if (seen?.content !== found.content) return false;
    return (
      found.content ===
      contentText(contentParts(body.exact as Resource, id), found.version, found.lastUpdated)
    );
  }
}
