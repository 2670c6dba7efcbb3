import type { Definitions } from '../fhir/definitions/types.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { Store } from '../store/store.ts';
import { Closures } from '../store/terminology/closures.ts';
import { Hl7Terminology } from '../store/terminology/hl7Terminology.ts';
import { regexMatches } from '../store/terminology/regexMatches.ts';
import { ReleaseSystems } from '../store/terminology/releaseSystems.ts';
import { StoredCanonicals } from '../store/terminology/storedCanonicals.ts';
import { canonicalText, parseCanonical } from '../fhir/canonical.ts';
import { CodeQuestions } from './codeQuestions.ts';
import { closure, type ClosureRequest } from './closure.ts';
import { lookup, type LookupRequest } from './lookup.ts';
import { CompiledValueSets } from './resources/compiledValueSets.ts';
import { Library } from './resources/library.ts';
import { viewOf, type LibraryView } from './resources/libraryView.ts';
import { subsumption, type Subsumption } from './subsumes.ts';
import { TokenMeanings } from './tokenMeanings.ts';
import type { TranslateRequest } from './translation/request.ts';
import { translate } from './translation/translate.ts';
import { validateCode, type ValidateCodeRequest } from './validation/validateCode.ts';
import { compileValueSet, requireVersions, type CompileScope } from './valueSets/compile.ts';
import { expand, type ExpansionRequest } from './valueSets/expansion.ts';
import { unknownValueSet } from './valueSets/faults.ts';
import { NO_RULES, valueSetVersion, type VersionRules } from './valueSets/versionRules.ts';

/** What every question may bring along. */
export interface QuestionContext {
  rules?: VersionRules;
  /** Canonicals of supplements to use. */
  supplements?: readonly string[];
  /** Resources that only this request knows (`tx-resource`). */
  resources?: readonly JsonObject[];
}

/** A value set: the resource itself, or its canonical. */
export type ValueSetChoice = { resource: JsonObject } | { canonical: string };

/** What codes mean: the terminology service of one store. */
export class Terminology {
  readonly library: Library;
  /** For validation. */
  readonly codes: CodeQuestions;
  /** For searches. */
  readonly meanings: TokenMeanings;
  readonly #closures: Closures;
  readonly #compiled = new CompiledValueSets();

  /** @param cacheDir folder for FHIR's own terminology */
  constructor(store: Store, schema: string, definitions: Definitions, cacheDir: string) {
    const { database } = store;
    this.library = new Library({
      revision: store.terminologyRevision,
      stored: new StoredCanonicals(database, schema, store.searcher, definitions),
      hl7: new Hl7Terminology(cacheDir),
      releases: new ReleaseSystems(database, schema),
      regex: (pattern, texts) => regexMatches(database, pattern, texts),
    });
    this.codes = new CodeQuestions(this.library);
    const byId = async (id: string) => {
      const version = await store.reader.read('ValueSet', id);
      const content = version?.content ?? null;
      return content === null ? undefined : (JSON.parse(content) as JsonObject);
    };
    this.meanings = new TokenMeanings(this.library, byId, store.index.ownBase);
    this.#closures = new Closures(database, schema);
  }

  /** A ValueSet with its expansion. @throws TerminologyError when it cannot be expanded */
  async expand(
    choice: ValueSetChoice,
    request: ExpansionRequest,
    context: QuestionContext = {},
  ): Promise<JsonObject> {
    const scope = await this.#scope(context);
    const resource = await valueSetOf(scope, choice);
    return expand(requireVersions(await this.#compiled.compile(scope, resource)), request);
  }

  /** A ValueSet resource by its canonical. @throws TerminologyError when it is not known */
  async valueSet(canonical: string, context: QuestionContext = {}): Promise<JsonObject> {
    return valueSetOf(await this.#scope(context), { canonical });
  }

  /** The parameters of `$validate-code`. */
  async validateCode(
    choice: ValueSetChoice | undefined,
    request: Omit<ValidateCodeRequest, 'valueSet'>,
    context: QuestionContext = {},
  ) {
    const scope = await this.#scope(context);
    const valueSet = choice && (await valueSetOf(scope, choice));
    const compile = (resource: JsonObject) => this.#compiled.compile(scope, resource);
    return validateCode(scope, { ...request, ...(valueSet && { valueSet }) }, compile);
  }

  async lookup(request: LookupRequest, context: QuestionContext = {}) {
    const scope = await this.#scope(context);
    await compileValueSet(scope, { resourceType: 'ValueSet' }); // the supplements must be there
    return lookup(scope.view, request);
  }

  async subsumption(
    system: string,
    version: string | undefined,
    codes: readonly [string, string],
    context: QuestionContext = {},
  ): Promise<Subsumption> {
    return subsumption((await this.#scope(context)).view, system, version, codes);
  }

  async translate(request: TranslateRequest, context: QuestionContext = {}) {
    return translate((await this.#scope(context)).view, request);
  }

  async closure(request: ClosureRequest): Promise<JsonObject> {
    return closure(await viewOf(this.library), this.#closures, request);
  }

  async #scope({ rules = NO_RULES, supplements = [], resources }: QuestionContext): Promise<CompileScope> {
    const hasRules = Object.values(rules).some((list: readonly unknown[]) => list.length > 0);
    return { view: await viewOf(this.library, resources), rules: hasRules ? rules : NO_RULES, supplements };
  }
}

async function valueSetOf(
  { view, rules }: { view: LibraryView; rules: VersionRules },
  choice: ValueSetChoice,
): Promise<JsonObject> {
  if ('resource' in choice) return choice.resource;
  const { url, version = valueSetVersion(rules, url) } = parseCanonical(choice.canonical);
  const found = await view.find('ValueSet', url, version);
  if (found) return found.resource;
  throw unknownValueSet(canonicalText({ url, ...(version !== undefined && { version }) }));
}
