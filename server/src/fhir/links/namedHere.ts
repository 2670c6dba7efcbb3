const NAME = String.raw`[A-Z][A-Za-z]{1,40}\/[A-Za-z0-9\-.]{1,64}`;
/** What a name does not follow directly: else it is a part of another URL. */
const NOT_BEFORE = String.raw`[\w.~\/\-]`;

/** The same in the text of JSON, where an escaped line break ends with a letter. */
const NOT_BEFORE_IN_JSON = String.raw`(?:(?<!${NOT_BEFORE})|(?<=\\[bfnrt]))`;

/**
 * Finds resources of this server by their names in any text: `Patient/1` by itself, with a version, as an absolute URL below the
 * FHIR base, or in the middle of a narrative or query. Not those that other servers have.
 */
export class NamedHere {
  readonly #pattern: RegExp;
  readonly #base: string;

  /** @param base absolute URL of the FHIR base, without a slash at its end */
  constructor(base: string) {
    this.#base = escaped(base);
    this.#pattern = new RegExp(`(?<!${NOT_BEFORE})(?:${this.#base}\\/)?(${NAME})`, 'g');
  }

  /** Each `Type/id` in the text. An id does not end with a dot here: that ends a sentence. */
  in(text: string): string[] {
    if (!text.includes('/')) return [];
    return Array.from(text.matchAll(this.#pattern), ([, name]) => name!.replace(/\.+$/, ''));
  }

  /** A regular expression of PostgreSQL's whose only group is the id of any resource of a type. */
  idPattern(type: string): string {
    return `${NOT_BEFORE_IN_JSON}(?:${this.#base}/)?${type}/([A-Za-z0-9\\-.]{1,64})`;
  }

  /** Some resources by their names, as a regular expression of PostgreSQL's for the text of JSON. */
  patternOf(names: readonly string[]): string {
    const any = names.map(escaped).join('|');
    return `${NOT_BEFORE_IN_JSON}(?:${this.#base}/)?(?:${any})\\.*(?![A-Za-z0-9.-])`;
  }
}

const escaped = (text: string): string => text.replace(/[^A-Za-z0-9]/g, String.raw`\$&`);
