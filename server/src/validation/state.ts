import { JSON_DEPTH_MAX } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { StepBudget } from '../fhir/path/evaluate/run.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { CodeAnswer, CodeQuestion, CodingFault, Ports } from './ports.ts';
import { Facts, type FactQuestion } from './facts.ts';
import type { DefinitionFault } from './profiles/definition/fault.ts';
import type { AskFurther, FindFaults, LateReport, Question, ReferenceTarget } from './questions.ts';
import { BundleIndex, ContainedIndex } from './resolve.ts';
import { RULES, type RuleId } from './rules.ts';
import type { ValidationMode } from './validator.ts';

/** Issues that one validation reports; a closing one says when there are more. */
export const ISSUES_MAX = 100;
/** Profiles and extensions that one run looks for in the definitions; those beyond are left to the next. */
export const PROFILES_NEEDED_MAX = 1_000;
/** How often one validation asks whether a value belongs to a slice: each value may be asked of each. */
export const SLICE_TESTS_MAX = 2_000_000;

/** A compiled check: reports the faults of an object that stands `depth` steps below the root. */
export type ObjectCheck = (value: JsonObject, state: ValidationState, depth: number) => void;

/** The checks of profiles, by canonical; undefined: not prepared yet. */
export interface ProfileChecks {
  compiled(canonical: string): ObjectCheck | 'unknown' | undefined;
}

/** Questions that one validation asks; further ones stay unasked. */
export const QUESTIONS_MAX = 10_000;

/** Steps of FHIRPath that one validation takes; invariants that are left are then not checked, with a warning. */
export const INVARIANT_STEPS_MAX = 2_000_000;

const NOTHING: JsonObject = {};

/** Index of a step that is not an array item. */
export const NO_INDEX = -1;

/** What a validation is asked to find. */
export interface Scope {
  mode: ValidationMode;
  /** Warnings and remarks too. */
  thorough: boolean;
  /** Whom it can ask: questions that nobody answers are not asked. */
  ports: Ports;
  profiles?: ProfileChecks | undefined;
  /** What earlier runs have asked of terminology. */
  facts?: Facts | undefined;
}

/** A write at `base`, with nobody to ask. */
const SCOPE_ALONE: Scope = { mode: 'base', thorough: false, ports: {} };

/** What one run of the passes has brought. */
export interface Findings {
  issues: Issue[];
  /** In the order of their places. */
  questions: readonly Question[];
  /** Canonicals of profiles that must be prepared before they can be checked. */
  profilesNeeded: ReadonlySet<string>;
  /** What expressions have asked of terminology; absent: nothing. */
  facts: Facts | undefined;
}

/**
 * Where a validation stands and what it has found. The compiled checks note each step on their way down in two
 * arrays, so that a path is put together only when there is something to report.
 */
export class ValidationState {
  /** Element names from the root to where the check stands; only the first `depth` are meaningful. */
  readonly names: string[] = new Array<string>(JSON_DEPTH_MAX + 1).fill('');
  /** The array index of each step, or `NO_INDEX`. */
  readonly indexes: number[] = new Array<number>(JSON_DEPTH_MAX + 1).fill(NO_INDEX);
  /** Objects nested deeper are not entered: JSON_DEPTH_MAX, or nothing at all once there are enough issues. */
  depthMax = JSON_DEPTH_MAX;
  /** True from the moment a contained resource is found until its check begins. */
  enteringContained = false;
  /** The resource in which the check stands, also a contained one: FHIRPath's `%resource`. */
  resource: JsonObject = NOTHING;
  /** Depth of `resource`. */
  resourceDepth = 0;
  /** The resource that contains `resource`, or `resource` itself: FHIRPath's `%rootResource`. */
  container: JsonObject = NOTHING;
  /** The Bundle around `resource`, if there is one; of a Bundle, itself. */
  bundle: JsonObject | undefined;
  /** Whether warnings and remarks are wanted: what only leads to one need not be computed otherwise. */
  thorough = false;
  mode: ValidationMode = 'base';
  /** What was found out about resources in this run, by what they were compared with (profiles/compile/quiet.ts). */
  conformance: Map<JsonObject, Map<object, boolean>> | undefined;
  /** Ids of the elements of `resource` that have one. */
  elementIds: Set<string> | undefined;
  /** Steps that the expressions of one validation may take together. */
  readonly budget: StepBudget = { left: 0 };
  /** How often may still be asked whether a value belongs to a slice. */
  sliceTests: StepBudget = { left: 0 };
  private ports: Ports = {};
  private profiles: ProfileChecks | undefined;
  private facts: Facts | undefined;
  /** Of a check inside of another one: the one around it. */
  private outer: ValidationState | undefined;
  private bundleIndex: BundleIndex | undefined;
  private containedIndex: ContainedIndex | undefined;
  private root = '';
  private issues: Issue[] = [];
  private questions: Question[] = [];
  private profilesNeeded = new Set<string>();

  /** Prepares for the next resource; `root` is its type. */
  begin(root: string, scope: Scope = SCOPE_ALONE): void {
    this.root = root;
    this.issues = [];
    if (this.questions.length > 0) this.questions = [];
    if (this.profilesNeeded.size > 0) this.profilesNeeded = new Set();
    this.depthMax = JSON_DEPTH_MAX;
    this.enteringContained = false;
    this.thorough = scope.thorough;
    this.mode = scope.mode;
    this.ports = scope.ports;
    this.profiles = scope.profiles;
    this.facts = scope.facts;
    this.outer = undefined;
    this.bundle = undefined;
    this.bundleIndex = undefined;
    this.containedIndex = undefined;
    this.elementIds = undefined;
    this.conformance = undefined;
    this.budget.left = INVARIANT_STEPS_MAX;
    this.sliceTests = { left: SLICE_TESTS_MAX };
  }

  /**
   * Prepares for a check inside of another one: at the same place and with what is left of its steps, but with findings of its
   * own, and nobody to ask but for what its expressions need.
   */
  beginInside(outer: ValidationState): void {
    this.begin('', SCOPE_ALONE);
    this.outer = outer;
    this.resource = outer.resource;
    this.resourceDepth = 0;
    this.container = outer.container;
    this.bundle = outer.bundle;
    this.bundleIndex = outer.indexOfBundle();
    if (outer.container.contained !== undefined) this.containedIndex = outer.indexOfContained();
    this.conformance = outer.conformance ??= new Map();
    this.budget.left = outer.budget.left;
    this.sliceTests = outer.sliceTests;
  }

  /** What was found since `begin`. */
  end(): Findings {
    const { issues, questions, profilesNeeded, facts } = this;
    this.resource = this.container = NOTHING;
    // They would keep a Bundle in memory.
    this.bundle = this.bundleIndex = this.conformance = this.facts = this.outer = undefined;
    this.containedIndex = undefined;
    return { issues, questions, profilesNeeded, facts };
  }

  /**
   * Asks whether codings are in a value set that is not in memory; answered after all passes, and not at all where no
   * terminology is wired. `depth`, `name`, `index`: the place, as for `report`.
   */
  askCode(
    question: CodeQuestion,
    depth: number,
    name: string,
    index: number,
    whenAnswered: (answer: CodeAnswer, report: LateReport) => void,
  ): void {
    if (this.ports.codes) {
      this.ask({ kind: 'code', question, ...this.place(depth, name, index), whenAnswered });
    }
  }

  /** Asks what is wrong with a coding by its own code system. As {@link askCode}. */
  askCoding(
    coding: CodeQuestion['codings'][number],
    depth: number,
    name: string,
    index: number,
    whenAnswered: (faults: readonly CodingFault[], report: LateReport) => void,
  ): void {
    if (this.ports.codes?.faults) {
      this.ask({ kind: 'coding', coding, ...this.place(depth, name, index), whenAnswered });
    }
  }

  /** Asks whether a resource is there; not at all where that is not wanted. As {@link askCode}. */
  askReference(
    target: ReferenceTarget,
    depth: number,
    name: string,
    index: number,
    whenAnswered: (exists: boolean, report: LateReport) => void,
  ): void {
    if (this.ports.references) {
      this.ask({ kind: 'reference', target, ...this.place(depth, name, index), whenAnswered });
    }
  }

  /** Asks whether there is a definition with a canonical. Where no package can be loaded it is not there. */
  askStructure(
    canonical: string,
    depth: number,
    name: string,
    index: number,
    whenAnswered: (exists: boolean, report: LateReport) => void,
  ): void {
    if (this.ports.structures) {
      this.ask({ kind: 'structure', canonical, ...this.place(depth, name, index), whenAnswered });
    } else {
      whenAnswered(false, (rule, text, severity) => this.report(rule, depth, name, index, text, severity));
    }
  }

  /** Asks for the questionnaire with a canonical; not at all where none can be looked up. As {@link askCode}. */
  askQuestionnaire(
    canonical: string,
    depth: number,
    whenAnswered: (found: JsonObject | undefined, report: LateReport, ask: AskFurther) => void,
  ): void {
    if (this.ports.questionnaires) {
      this.ask({ kind: 'questionnaire', canonical, ...this.place(depth, '', NO_INDEX), whenAnswered });
    }
  }

  /** Asks what is wrong with a StructureDefinition; not at all where no definitions can be looked up. As {@link askCode}. */
  askDefinition(
    find: FindFaults,
    depth: number,
    whenAnswered: (faults: readonly DefinitionFault[], report: LateReport) => void,
  ): void {
    if (this.ports.structures) {
      this.ask({ kind: 'definition', find, ...this.place(depth, '', NO_INDEX), whenAnswered });
    }
  }

  /** Errors that have been reported. */
  get errorCount(): number {
    return this.issues.filter(({ severity }) => severity === 'error').length;
  }

  /** Whether profiles are checked, and the definitions of extensions that R4 does not have. */
  get checksProfiles(): boolean {
    return this.mode === 'profiles' || this.mode === 'strict';
  }

  /** Whether {@link askReference} asks anybody. */
  get asksReferences(): boolean {
    return this.ports.references !== undefined;
  }

  /** What absolute references to resources of this server begin with, where they are asked for. */
  get ownBase(): string | undefined {
    return this.ports.references?.base;
  }

  private place(depth: number, name: string, index: number): { expression: string; position: number } {
    return { expression: this.expression(depth, name, index), position: this.issues.length };
  }

  private ask(question: Question): void {
    if (this.questions.length < QUESTIONS_MAX && this.depthMax >= 0) this.questions.push(question);
  }

  /** Notes a profile that cannot be checked before it is prepared; the passes are then run anew. */
  needProfile(canonical: string): void {
    if (this.outer) this.outer.needProfile(canonical);
    else if (this.profilesNeeded.size < PROFILES_NEEDED_MAX) this.profilesNeeded.add(canonical);
  }

  /** The answer of terminology to what an expression asks; undefined: not known. In a run that has to be repeated, a guess. */
  fact(question: FactQuestion): boolean | undefined {
    if (this.outer) return this.outer.fact(question);
    return (this.facts ??= new Facts(this.ports)).of(question);
  }

  /** The check of a profile that an expression names; undefined: not known, or not yet, which makes this a run to be repeated. */
  profileCheck(canonical: string): ObjectCheck | undefined {
    if (this.outer) return this.outer.profileCheck(canonical);
    const compiled = this.profiles ? this.profiles.compiled(canonical) : 'unknown';
    if (compiled === undefined) this.needProfile(canonical);
    return typeof compiled === 'function' ? compiled : undefined;
  }

  /** What a reference leads to without asking: `#id` in the container (`#` is itself), a fullUrl or relative reference in the Bundle. */
  resolve(reference: string): JsonObject | undefined {
    if (!reference.startsWith('#')) return this.indexOfBundle()?.resolve(reference, this.container);
    return reference === '#' ? this.container : this.indexOfContained().resolve(reference.slice(1));
  }

  /** The same, but in the Bundle by fullUrls alone: whether it has by the rules what must be in it. */
  resolveByUrl(reference: string): JsonObject | undefined {
    return this.indexOfBundle()?.resolveByUrl(reference, this.container);
  }

  private indexOfBundle(): BundleIndex | undefined {
    const { bundle } = this;
    if (bundle !== undefined && this.bundleIndex?.bundle !== bundle)
      this.bundleIndex = new BundleIndex(bundle);
    return bundle && this.bundleIndex;
  }

  private indexOfContained(): ContainedIndex {
    const { container } = this;
    if (this.containedIndex?.container !== container) this.containedIndex = new ContainedIndex(container);
    return this.containedIndex;
  }

  /**
   * Reports a broken rule.
   *
   * @param depth of the object that has the fault
   * @param name element of it that is faulty; empty: the object itself
   * @param diagnostics one sentence, which must not quote content
   * @param key the invariant of a definition that does not hold; the second code of `details`
   */
  report(
    rule: RuleId,
    depth: number,
    name: string,
    index: number,
    diagnostics: string,
    severity: Issue['severity'] = 'error',
    key?: string,
  ): void {
    if (this.issues.length >= ISSUES_MAX) {
      if (this.depthMax >= 0) this.stop();
      return;
    }
    this.issues.push({
      severity,
      code: RULES[rule],
      details: { coding: key === undefined ? [{ code: rule }] : [{ code: rule }, { code: key }] },
      diagnostics,
      expression: [this.expression(depth, name, index)],
    });
  }

  /** The same for an element that should not be there, or should: names it and the object that it concerns. */
  reportElement(rule: RuleId, depth: number, name: string, diagnostics: string): void {
    const before = this.issues.length;
    this.report(rule, depth, name, NO_INDEX, diagnostics);
    if (name === '' || before >= ISSUES_MAX) return;
    this.issues[before]?.expression?.push(this.expression(depth, '', NO_INDEX));
  }

  private stop(): void {
    this.depthMax = -1;
    const diagnostics = `There are more than ${ISSUES_MAX} issues: correct these first, then validate again.`;
    const details = { coding: [{ code: 'too-many-issues' }] };
    const code = RULES['too-many-issues'];
    this.issues.push({ severity: 'information', code, details, diagnostics, expression: [this.root] });
  }

  /** FHIRPath of a place, as in `Issue.expression`. */
  expression(depth: number, name: string, index: number): string {
    let path = this.root;
    for (let step = 0; step < depth; step++) {
      path += withIndex(`.${this.names[step]}`, this.indexes[step] ?? NO_INDEX);
    }
    return name === '' ? path : path + withIndex(`.${name}`, index);
  }
}

function withIndex(step: string, index: number): string {
  return index === NO_INDEX ? step : `${step}[${index}]`;
}

/** True for a JSON object, which neither null nor an array is. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
