import type { Issue } from '../fhir/outcome.ts';
import type { StepBudget } from '../fhir/path/evaluate/run.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { CodeAnswer, CodeQuestion, CodingFault, Ports } from './ports.ts';
import { Facts, type FactQuestion } from './facts.ts';
import type { DefinitionFault } from './profiles/definition/fault.ts';
import type { AskFurther, FindFaults, LateReport, Question, ReferenceTarget } from './questions.ts';
import { NO_INDEX, Standing } from './standing.ts';
import type { ValidationMode } from './validator.ts';

export { ISSUES_MAX, NO_INDEX, isObject } from './standing.ts';

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

/** What one validation asks on its way through a resource: of others when the passes are over, and of what is known before. */
export class ValidationState extends Standing {
  /** Whether warnings and remarks are wanted: what only leads to one need not be computed otherwise. */
  thorough = false;
  mode: ValidationMode = 'base';
  /** What was found out about resources in this run, by what they were compared with (profiles/compile/quiet.ts). */
  conformance: Map<JsonObject, Map<object, boolean>> | undefined;
  /** Steps that the expressions of one validation may take together. */
  readonly budget: StepBudget = { left: 0 };
  /** How often may still be asked whether a value belongs to a slice. */
  sliceTests: StepBudget = { left: 0 };
  private ports: Ports = {};
  private profiles: ProfileChecks | undefined;
  private facts: Facts | undefined;
  /** Of a check inside of another one: the one around it. */
  private outer: ValidationState | undefined;
  private questions: Question[] = [];
  private profilesNeeded = new Set<string>();

  /** Prepares for the next resource; `root` is its type. */
  begin(root: string, scope: Scope = SCOPE_ALONE): void {
    this.standAt(root);
    if (this.questions.length > 0) this.questions = [];
    if (this.profilesNeeded.size > 0) this.profilesNeeded = new Set();
    this.thorough = scope.thorough;
    this.mode = scope.mode;
    this.ports = scope.ports;
    this.profiles = scope.profiles;
    this.facts = scope.facts;
    this.outer = undefined;
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
    this.standWithin(outer);
    this.conformance = outer.conformance ??= new Map();
    this.budget.left = outer.budget.left;
    this.sliceTests = outer.sliceTests;
  }

  /** What was found since `begin`. */
  end(): Findings {
    const { issues, questions, profilesNeeded, facts } = this;
    this.leave();
    this.conformance = this.facts = this.outer = undefined; // they would keep a Bundle in memory
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
}
