import { FORM, type KeyHasher, type PathKey } from './keys.ts';
import type { Key } from './rows.ts';
import type { Sink } from './sink.ts';
import { asObject, asText, items } from './values/json.ts';

/** No FHIRPath has this name. */
const PATH_NAME = '#contained';

/**
 * The keys by which a resource is found for what it contains (http://hl7.org/fhir/R4/search.html#contained): one for each
 * type. What else is asked of the contained resources is decided by their content.
 */
export class ContainedKeys {
  readonly #hasher: KeyHasher;
  readonly #path: PathKey;

  constructor(hasher: KeyHasher) {
    this.#hasher = hasher;
    this.#path = hasher.pathKey(PATH_NAME);
  }

  of(type: string): Key {
    return this.#hasher.key(this.#path, FORM.present, type);
  }

  /** @param contained the element `contained`, of any shape */
  add(contained: unknown, sink: Sink): void {
    for (const inner of items(contained)) {
      const type = asText(asObject(inner)?.['resourceType']);
      if (type !== undefined) sink.keys.push(this.of(type));
    }
  }
}
