import { fhirError, type FhirError } from '../../fhir/outcome.ts';

/** More rounds of percent-encoding than that nobody needs. */
const ENCODINGS_MAX = 4;

/**
 * From where $import may fetch: the server can reach what its caller cannot, so nothing is allowed that the operator did not name.
 */
export class ImportSources {
  readonly #prefixes: readonly URL[];

  /** @param prefixes absolute http or https URLs without user, query and fragment; paths count by whole segments */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes.map((prefix) => new URL(prefix));
  }

  /**
   * The URL in its normal form, as it is fetched.
   *
   * @param at where it stands in the request
   * @throws FhirError `forbidden` when it is not below one of the prefixes
   */
  require(url: string, at?: string): URL {
    const wanted = new URL(url);
    wanted.hash = '';
    if (this.#prefixes.length === 0) throw refused(NOTHING_ALLOWED, at);
    if (!this.#allows(wanted)) throw refused(NOT_BELOW, at);
    return wanted;
  }

  #allows(wanted: URL): boolean {
    if (wanted.username !== '' || wanted.password !== '' || climbs(wanted.pathname)) return false;
    return this.#prefixes.some((prefix) => {
      if (prefix.protocol !== wanted.protocol || prefix.host !== wanted.host) return false;
      const folder = prefix.pathname.endsWith('/') ? prefix.pathname : `${prefix.pathname}/`;
      return wanted.pathname === prefix.pathname || wanted.pathname.startsWith(folder);
    });
  }
}

/** Whether a server that decodes the path might leave the folder that it seems to lie in. */
function climbs(pathname: string): boolean {
  let path = pathname;
  for (let round = 0; round < ENCODINGS_MAX; round++) {
    if (path.split(/[/\\]/).some((segment) => segment === '..')) return true;
    let decoded: string;
    try {
      decoded = decodeURIComponent(path);
    } catch {
      return true; // not UTF-8: nobody knows what a server makes of it
    }
    if (decoded === path) return false;
    path = decoded;
  }
  return true;
}

const NOTHING_ALLOWED =
  'This server may fetch nothing: its operator must set IMPORT_ALLOW to the URLs below which the files lie.';
const NOT_BELOW =
  'This server may not fetch from there: the URL must lie below one of those in IMPORT_ALLOW, and have no user, no password and no way up (..) in it.';

const refused = (text: string, at: string | undefined): FhirError =>
  fhirError('forbidden', 'security', text, at);
