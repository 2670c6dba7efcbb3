import type { FoundResource } from '../search/found.ts';
import { ExactSearch } from '../search/exactSearch.ts';

/** Finds definitions, code systems and the like among the stored resources by what they are called, exactly. */
export class CanonicalSearch extends ExactSearch {
  /** Every stored version of a canonical URL. */
  async byUrl(type: string, url: string): Promise<FoundResource[]> {
    // No resource has such a URL; implicit value sets of SNOMED CT may.
    if (url === '' || /\s/.test(url)) return [];
    return this.by(type, [['url', url]]);
  }
}
