import type { TokenValue } from '../fhir/search/ast.ts';
import { fhirError } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import { TerminologyError } from './issue.ts';
import type { Library } from './resources/library.ts';
import { viewOf, type LibraryView } from './resources/libraryView.ts';
import { compileValueSet, requireVersions } from './valueSets/compile.ts';
import { Effort } from './valueSets/effort.ts';
import { unknownSystem, unknownValueSet } from './valueSets/faults.ts';
import { membersOf } from './valueSets/members.ts';
import { NO_RULES } from './valueSets/versionRules.ts';

/** Codes that one condition of a search may stand for. */
export const SEARCH_CODES_MAX = 5_000;

/** What `:in`, `:above` and `:below` of tokens mean (http://hl7.org/fhir/R4/search.html#token). */
export class TokenMeanings {
  readonly #library: Library;
  readonly #byId: (id: string) => Promise<JsonObject | undefined>;
  readonly #ownBase: string | undefined;

  /**
   * @param byId the ValueSet resource with an id
   * @param ownBase absolute URL of this server's FHIR base
   */
  constructor(library: Library, byId: (id: string) => Promise<JsonObject | undefined>, ownBase?: string) {
    this.#library = library;
    this.#byId = byId;
    this.#ownBase = ownBase;
  }

  /** @throws FhirError when the value set is not known, cannot be listed or has too many codes */
  codesIn(valueSet: string): Promise<TokenValue[]> {
    return asked(() => this.#codesIn(valueSet));
  }

  /** The code itself among them. @throws FhirError when its system is not known, or there are too many */
  codesAround(direction: 'above' | 'below', token: TokenValue): Promise<TokenValue[]> {
    return asked(() => this.#codesAround(direction, token));
  }

  async #codesIn(valueSet: string): Promise<TokenValue[]> {
    const view = await viewOf(this.#library);
    const resource = (await this.#literal(valueSet)) ?? (await canonicalValueSet(view, valueSet));
    if (!resource) throw unknownValueSet(valueSet);
    const compiled = await compileValueSet({ view, rules: NO_RULES, supplements: [] }, resource);
    const members = await membersOf(requireVersions(compiled), {
      effort: new Effort(),
      activeOnly: false,
    });
    requireFew(members.length, valueSet);
    return members.map(({ system, concept }) => ({ system, code: concept.code }));
  }

  /** The resource that a literal reference names: `ValueSet/id`, or its URL at this server. */
  async #literal(valueSet: string): Promise<JsonObject | undefined> {
    const base = this.#ownBase === undefined ? '' : `${this.#ownBase}/`;
    const relative = valueSet.startsWith(base) ? valueSet.slice(base.length) : valueSet;
    const id = /^ValueSet\/([A-Za-z0-9\-.]{1,64})$/.exec(relative)?.[1];
    return id === undefined ? undefined : this.#byId(id);
  }

  async #codesAround(direction: 'above' | 'below', { system, code }: TokenValue): Promise<TokenValue[]> {
    if (system === undefined || system === '' || code === undefined) {
      const text = `:${direction} needs to know of which code system the code is: write system|code.`;
      throw fhirError('incorrect', 'value', text);
    }
    const view = await viewOf(this.#library);
    const content = await view.system(system);
    if (!content) throw unknownSystem(system, undefined, [], `so nothing can be ${direction} its codes`);
    const op = direction === 'below' ? 'is-a' : 'generalizes';
    const filters = [{ property: 'concept', op, value: code }];
    const concepts = await content.select({ filters, limit: SEARCH_CODES_MAX + 1 });
    requireFew(concepts.length, `${system}|${code}`);
    const codes = concepts.map((one) => one.code);
    return [...new Set([code, ...codes])].map((one) => ({ system, code: one }));
  }
}

async function canonicalValueSet(view: LibraryView, canonical: string): Promise<JsonObject | undefined> {
  const { url, version } = parseCanonical(canonical);
  return (await view.find('ValueSet', url, version))?.resource;
}

/** What is not known makes the search a wrong one: that it is not found would be said of what is searched. */
async function asked<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof TerminologyError) || error.issue.code !== 'not-found') throw error;
    throw new TerminologyError('incorrect', error.issue);
  }
}

function requireFew(count: number, what: string): void {
  if (count <= SEARCH_CODES_MAX) return;
  const text = `A search may stand for ${SEARCH_CODES_MAX} codes at the most, and '${what}' has more: use a smaller value set.`;
  throw fhirError('incorrect', 'too-costly', text);
}
