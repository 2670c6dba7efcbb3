import type { JsonObject } from '../fhir/resource.ts';
import type { ClosureRequest } from '../terminology/closure.ts';
import type { LookupRequest } from '../terminology/lookup.ts';
import type { QuestionContext, Terminology, ValueSetChoice } from '../terminology/terminology.ts';
import type { TranslateRequest } from '../terminology/translation/request.ts';
import type { ValidateCodeRequest } from '../terminology/validation/validateCode.ts';
import type { ExpansionRequest } from '../terminology/valueSets/expansion.ts';
import type { KnownSystem } from '../terminology/resources/library.ts';
import type { Caller } from './caller.ts';
import type { Records } from './records.ts';

export { outcomeIssue, TerminologyError } from '../terminology/issue.ts';
export { isLanguageRange, parseLanguages, type Languages } from '../terminology/languages.ts';
export { canonicals } from '../terminology/valueSets/versionRules.ts';
export type { Coding } from '../terminology/model.ts';
export type { KnownSystem } from '../terminology/resources/library.ts';
export type { ExpansionRequest } from '../terminology/valueSets/expansion.ts';
export type { QuestionContext, ValueSetChoice } from '../terminology/terminology.ts';
export type { LookupRequest } from '../terminology/lookup.ts';
export type { Dependency, TranslateRequest } from '../terminology/translation/request.ts';
export type { ValidateCodeRequest } from '../terminology/validation/validateCode.ts';

/** What codes mean, asked for somebody. Terminology is the same for all who may read it. */
export class TerminologyRecords {
  readonly #terminology: Terminology;
  readonly #records: Pick<Records, 'read' | 'requireOffered'>;

  constructor(terminology: Terminology, records: Pick<Records, 'read' | 'requireOffered'>) {
    this.#terminology = terminology;
    this.#records = records;
  }

  /** A resource that is asked about by its id. @throws FhirError `not-found`, `gone` */
  async resource(
    caller: Caller,
    type: 'ValueSet' | 'CodeSystem' | 'ConceptMap',
    id: string,
  ): Promise<JsonObject> {
    const { content } = await this.#records.read(caller, type, id);
    return JSON.parse(content) as JsonObject;
  }

  /** A ValueSet by its canonical. */
  valueSet(caller: Caller, canonical: string, context: QuestionContext): Promise<JsonObject> {
    this.#records.requireOffered(caller, 'ValueSet', 'read');
    return this.#terminology.valueSet(canonical, context);
  }

  expand(
    caller: Caller,
    choice: ValueSetChoice,
    request: ExpansionRequest,
    context: QuestionContext,
  ): Promise<JsonObject> {
    this.#records.requireOffered(caller, 'ValueSet', 'read');
    return this.#terminology.expand(choice, request, context);
  }

  validateCode(
    caller: Caller,
    choice: ValueSetChoice | undefined,
    request: Omit<ValidateCodeRequest, 'valueSet'>,
    context: QuestionContext,
  ): Promise<JsonObject[]> {
    this.#records.requireOffered(caller, 'ValueSet', 'read');
    return this.#terminology.validateCode(choice, request, context);
  }

  lookup(caller: Caller, request: LookupRequest, context: QuestionContext): Promise<JsonObject[]> {
    this.#records.requireOffered(caller, 'CodeSystem', 'read');
    return this.#terminology.lookup(request, context);
  }

  subsumption(
    caller: Caller,
    system: string,
    version: string | undefined,
    codes: readonly [string, string],
    context: QuestionContext,
  ): Promise<string> {
    this.#records.requireOffered(caller, 'CodeSystem', 'read');
    return this.#terminology.subsumption(system, version, codes, context);
  }

  translate(caller: Caller, request: TranslateRequest, context: QuestionContext): Promise<JsonObject[]> {
    this.#records.requireOffered(caller, 'ConceptMap', 'read');
    return this.#terminology.translate(request, context);
  }

  /** The code systems that are known, by their URLs. */
  systems(_caller: Caller): Promise<KnownSystem[]> {
    return this.#terminology.library.knownSystems();
  }

  closure(caller: Caller, request: ClosureRequest): Promise<JsonObject> {
    this.#records.requireOffered(caller, 'CodeSystem', 'read');
    return this.#terminology.closure(request);
  }
}
