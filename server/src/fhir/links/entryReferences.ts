import type { JsonObject, Resource } from '../resource.ts';

/** One entry of a Bundle, as far as references ask of it. */
interface Entry {
  fullUrl?: unknown;
  resource?: Resource;
}

const ENTRY_URL = /^(https?:\/\/.*\/)[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;
const BEHIND_URL = /(\/_history\/.*|#.*)$/;

/**
 * What stands in a Bundle, for references between its entries (http://hl7.org/fhir/R4/bundle.html#references). More than the
 * page says, `Type/id` also means the resource with this type and id where the fullUrl of the one that refers is a URN, as in HL7's own
 * examples.
 */
export class EntryReferences {
  readonly #urls = new Set<string>();

  constructor(bundle: JsonObject) {
    for (const { fullUrl, resource } of entriesOf(bundle)) {
      if (typeof fullUrl === 'string') this.#urls.add(fullUrl);
      if (typeof resource?.id === 'string') this.#urls.add(`${resource.resourceType}/${resource.id}`);
    }
  }

  /**
   * Whether a reference means an entry, or something contained in its own resource.
   *
   * @param fullUrl of the entry that refers
   */
  has(reference: string, fullUrl: unknown): boolean {
    const url = reference.replace(BEHIND_URL, '');
    if (url === '' || this.#urls.has(url)) return true;
    const neighbours = typeof fullUrl === 'string' ? ENTRY_URL.exec(fullUrl)?.[1] : undefined;
    return neighbours !== undefined && this.#urls.has(neighbours + url);
  }
}

/** The entries of a Bundle whose structure has been checked. */
export const entriesOf = ({ entry = [] }: JsonObject): Entry[] => entry as Entry[];
