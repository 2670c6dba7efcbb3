import { FhirError } from '../fhir/outcome.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { TxIssue } from './issue.ts';
import type { Coding } from './model.ts';
import type { Library } from './resources/library.ts';
import { viewOf, type LibraryView } from './resources/libraryView.ts';
import { WeightedCache } from './resources/weightedCache.ts';
import { subsumption } from './subsumes.ts';
import { systemsOf } from './validation/validateCode.ts';
import { CodingJudge, partsOf } from './validation/validateCoding.ts';
import { compileValueSet, requireVersions, type CompiledValueSet } from './valueSets/compile.ts';
import { Effort } from './valueSets/effort.ts';
import { isMember } from './valueSets/membership.ts';
import { NO_RULES } from './valueSets/versionRules.ts';

/** Value sets that are kept ready for the next question. */
const COMPILED_MAX = 500;

/** Whether any of some codings is in a value set: what validation asks (the port CodePort of the room validation). */
export interface CodeQuestion {
  valueSet: string;
  /** The value set itself, where it is contained in a resource. */
  resource?: JsonObject;
  codings: readonly Coding[];
  systemImplied?: true;
}

export interface CodeAnswer {
  verdict: 'in' | 'out' | 'unknown';
}

/** Whether a code subsumes another one of its system (the port CodePort again). */
export interface SubsumptionQuestion {
  system: string;
  version?: string;
  codes: readonly [above: string, below: string];
}

/** What is wrong with a coding by its own code system (the port CodePort again). */
export interface CodingFault {
  kind: 'code' | 'system' | 'display' | 'unchecked';
  severity: 'error' | 'warning';
  text: string;
}

/** HL7's own examples have displays that their code systems do not: these only warn. */
const OWN_SYSTEM_ONLY = {
  lenientDisplay: true,
  abstractAllowed: true,
  activeOnly: false,
  membershipOnly: false,
} as const;

/** Answers many questions at once; all of them are about what is stored at one moment. */
export class CodeQuestions {
  readonly #library: Library;
  #revision = '';
  #compiled = new WeightedCache<Promise<CompiledValueSet | undefined>>(COMPILED_MAX);

  constructor(library: Library) {
    this.#library = library;
  }

  /** In the order of the questions. `unknown`: the value set, or what it is made of, is not known here. */
  async answer(questions: readonly CodeQuestion[]): Promise<CodeAnswer[]> {
    const view = await viewOf(this.#library);
    if (view.revision !== this.#revision) {
      this.#compiled = new WeightedCache(COMPILED_MAX);
      this.#revision = view.revision;
    }
    const call: Call = { view, given: new Map(), effort: new Effort() };
    return Promise.all(questions.map(async (one) => ({ verdict: await this.#verdict(call, one) })));
  }

  async #verdict(
    call: Call,
    { valueSet, resource, codings, systemImplied }: CodeQuestion,
  ): Promise<CodeAnswer['verdict']> {
    const compiled = await (resource ? givenValueSet(call, resource) : this.#valueSet(call.view, valueSet));
    if (!compiled) return 'unknown';
    let verdict: CodeAnswer['verdict'] = 'out';
    for (const coding of codings) {
      const one = await orUnknown(judge(compiled, coding, systemImplied === true, call.effort));
      if (one === 'in') return 'in';
      if (one !== 'out') verdict = 'unknown';
    }
    return verdict;
  }

  /**
   * The faults of each coding by its code system alone, in their order. What is asked twice is looked up once; a code system that
   * is not known is told with the first of its codings.
   */
  async faults(codings: readonly Coding[]): Promise<CodingFault[][]> {
    const scope = { view: await viewOf(this.#library), rules: NO_RULES, supplements: [] };
    const judge = new CodingJudge(scope, undefined, OWN_SYSTEM_ONLY, new Effort());
    const known = new Map<string, Promise<CodingFault[]>>();
    const faultsOf = (coding: Coding): Promise<CodingFault[]> => {
      const key = JSON.stringify([coding.system, coding.version, coding.code, coding.display]);
      let faults = known.get(key);
      if (!faults) known.set(key, (faults = ownFaults(judge, coding)));
      return faults;
    };
    const told = new Set<string>();
    const isNew = ({ kind, text }: CodingFault): boolean =>
      kind !== 'unchecked' || (!told.has(text) && told.add(text) !== undefined);
    return (await Promise.all(codings.map(faultsOf))).map((faults) => faults.filter(isNew));
  }

  /** Whether a code is another one, or stands above it; undefined: the system or one of the codes is not known here. */
  async subsumes({ system, version, codes }: SubsumptionQuestion): Promise<boolean | undefined> {
    const view = await viewOf(this.#library);
    const relation = await orUnknown(subsumption(view, system, version, codes));
    return relation && (relation === 'equivalent' || relation === 'subsumes');
  }

  #valueSet(view: LibraryView, canonical: string): Promise<CompiledValueSet | undefined> {
    let compiled = this.#compiled.get(canonical);
    if (compiled === undefined) {
      const cache = this.#compiled;
      compiled = compileKnown(view, canonical);
      cache.set(canonical, compiled, 1);
      compiled.catch(() => cache.delete(canonical));
    }
    return compiled;
  }
}

/** What the questions of one call share. */
interface Call {
  view: LibraryView;
  /** Contained value sets that are compiled already. */
  given: Map<JsonObject, Promise<CompiledValueSet | undefined>>;
  effort: Effort;
}

function givenValueSet({ view, given }: Call, resource: JsonObject): Promise<CompiledValueSet | undefined> {
  let compiled = given.get(resource);
  if (compiled === undefined) given.set(resource, (compiled = compileGiven(view, resource)));
  return compiled;
}

async function ownFaults(judge: CodingJudge, coding: Coding): Promise<CodingFault[]> {
  const verdict = await orUnknown(judge.judge(coding, '', false));
  return (verdict?.issues ?? []).flatMap(faultOf);
}

/** Remarks about the status of codes and code systems are no faults. */
function faultOf({ type, severity, text }: TxIssue): CodingFault[] {
  const least = severity === 'error' ? 'error' : 'warning';
  switch (type) {
    case 'invalid-code':
      return [{ kind: 'code', severity: least, text }];
    case 'invalid-data':
      return [{ kind: 'system', severity: least, text }];
    case 'invalid-display':
      return [{ kind: 'display', severity: least, text }];
    case 'not-found':
      return [{ kind: 'unchecked', severity: 'warning', text }];
  }
  return [];
}

/** Undefined where it, or a value set that it imports, is not known or cannot be used. */
async function compileKnown(view: LibraryView, canonical: string): Promise<CompiledValueSet | undefined> {
  const { url, version } = parseCanonical(canonical);
  const found = await view.find('ValueSet', url, version);
  if (!found) return undefined;
  return compileGiven(view, found.resource);
}

const compileGiven = (view: LibraryView, resource: JsonObject): Promise<CompiledValueSet | undefined> =>
  orUnknown(
    compileValueSet({ view, rules: NO_RULES, supplements: [] }, resource).then((one) => requireVersions(one)),
  );

/** What the definition of a value set makes impossible is not the fault of the code. */
async function orUnknown<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FhirError && error.category !== 'busy') return undefined;
    throw error;
  }
}

async function judge(
  valueSet: CompiledValueSet,
  { system, version, code }: Coding,
  systemImplied: boolean,
  effort: Effort,
): Promise<CodeAnswer['verdict']> {
  if (code === undefined) return 'out';
  if (system === undefined) {
    if (!systemImplied) return 'out';
    let verdict: CodeAnswer['verdict'] = 'out';
    for (const implied of systemsOf(valueSet)) {
      const one = await judge(valueSet, { system: implied, code }, false, effort);
      if (one === 'in') return 'in';
      if (one === 'unknown') verdict = 'unknown';
    }
    return verdict;
  }
  await effort.spend(valueSet.includes.length);
  const parts = partsOf(valueSet, system);
  const isIn = await orUnknown(isMember(valueSet, { system, code, effort }));
  if (isIn !== false) return isIn === true ? 'in' : 'unknown';
  // The system is not known, or only in part; or it is another version that the coding is of.
  const isUnknown = parts.some(
    ({ content, concepts }) =>
      (!content && !concepts) ||
      (!concepts && content?.header.content !== undefined && content.header.content !== 'complete') ||
      (version !== undefined && content?.header.version !== undefined && content.header.version !== version),
  );
  return isUnknown ? 'unknown' : 'out';
}
