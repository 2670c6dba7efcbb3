import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { isPlaceholder, linkKey, linkParts } from '../../records/transaction/references.ts';
import type { BundleEntry } from './entries.ts';

/**
 * The placeholders that are fullUrls of a batch. Its entries may not refer to each other (http://hl7.org/fhir/R4/http.html#brules):
 * each is stored by itself, and what it says of another by a placeholder would lead nowhere.
 */
export class BatchPlaceholders {
  readonly #fullUrls = new Set<string>();

  constructor(entries: readonly JsonObject[]) {
    for (const { fullUrl } of entries)
      if (typeof fullUrl === 'string' && isPlaceholder(fullUrl)) this.#fullUrls.add(linkKey(fullUrl));
  }

  /** @throws FhirError `incorrect` when what the entry brings refers to an entry of the batch */
  refuseIn({ value, at }: BundleEntry): void {
    if (this.#fullUrls.size === 0) return;
    const place = this.#placeIn(value, `${at}.resource`);
    if (place !== undefined) throw fhirError('incorrect', 'invalid', INTERDEPENDENT, place);
  }

  /** FHIRPath of the first such reference, or address of an attachment. Nothing is known of the value: it has not been checked yet. */
  #placeIn(value: unknown, path: string): string | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const { reference, url, resourceType } = value as Partial<Record<string, unknown>>;
    if (resourceType === 'Bundle') return undefined; // a world of its own
    if (this.#has(reference)) return path;
    // That of a resource is its identity.
    if (resourceType === undefined && this.#has(url)) return path;
    const isList = Array.isArray(value);
    for (const [name, part] of Object.entries(value)) {
      const place = this.#placeIn(part, isList ? `${path}[${name}]` : `${path}.${name}`);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  #has(link: unknown): boolean {
    return (
      typeof link === 'string' && isPlaceholder(link) && this.#fullUrls.has(linkKey(linkParts(link).url))
    );
  }
}

const INTERDEPENDENT =
  'The entries of a batch are stored each by itself and cannot refer to each other: send the Bundle as a transaction.';
