import { JSON_DEPTH_MAX } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { CodeAnswer, CodeQuestion } from './ports.ts';
import type { Question, ReferenceTarget } from './questions.ts';
import { resolveInside } from './resolve.ts';
import { RULES, type RuleId } from './rules.ts';
import type { ValidationMode } from './validator.ts';

/** Issues that one validation reports; a closing one says when there are more. */
export const ISSUES_MAX = 100;

/** A compiled check: reports the faults of an object that stands `depth` steps below the root. */
export type ObjectCheck = (value: JsonObject, state: ValidationState, depth: number) => void;

/** Questions that one validation asks; further ones stay unasked. */
export const QUESTIONS_MAX = 10_000;

const NOTHING: JsonObject = {};

/** Index of a step that is not an array item. */
export const NO_INDEX = -1;

/** Reports what an answer brought to light, at the place that asked. */
export type LateReport = (rule: RuleId, diagnostics: string, severity?: Issue['severity']) => void;

/** What a validation is asked to find. */
export interface Scope {
  mode: ValidationMode;
  /** Warnings and remarks too. */
  thorough: boolean;
}

/** A write at `base`. */
export const SCOPE_OF_WRITES: Scope = { mode: 'base', thorough: false };

/** What one run of the passes has brought. */
export interface Findings {
  issues: Issue[];
  /** In the order of their places. */
  questions: readonly Question[];
  /** Canonicals of profiles that must be prepared before they can be checked. */
  profilesNeeded: ReadonlySet<string>;
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
  private root = '';
  private issues: Issue[] = [];
  private questions: Question[] = [];
  private profilesNeeded = new Set<string>();

  /** Prepares for the next resource; `root` is its type. */
  begin(root: string, scope: Scope = SCOPE_OF_WRITES): void {
    this.root = root;
    this.issues = [];
    if (this.questions.length > 0) this.questions = [];
    if (this.profilesNeeded.size > 0) this.profilesNeeded = new Set();
    this.depthMax = JSON_DEPTH_MAX;
    this.enteringContained = false;
    this.thorough = scope.thorough;
    this.mode = scope.mode;
    this.bundle = undefined;
  }

  /** What was found since `begin`. */
  end(): Findings {
    const { issues, questions, profilesNeeded } = this;
    this.resource = this.container = NOTHING;
    return { issues, questions, profilesNeeded };
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
    if (this.questions.length >= QUESTIONS_MAX || this.depthMax < 0) return;
    const place = { expression: this.expression(depth, name, index), position: this.issues.length };
    this.questions.push({ kind: 'code', question, ...place, whenAnswered });
  }

  /** Asks whether a resource is there. As {@link askCode}. */
  askReference(
    target: ReferenceTarget,
    depth: number,
    name: string,
    index: number,
    whenAnswered: (exists: boolean, report: LateReport) => void,
  ): void {
    if (this.questions.length >= QUESTIONS_MAX || this.depthMax < 0) return;
    const place = { expression: this.expression(depth, name, index), position: this.issues.length };
    this.questions.push({ kind: 'reference', target, ...place, whenAnswered });
  }

  /** Notes a profile that cannot be checked before it is prepared; the passes are then run anew. */
  needProfile(canonical: string): void {
    this.profilesNeeded.add(canonical);
  }

  /** What a reference leads to without asking: `#id` in the container, a fullUrl or relative reference in the Bundle. */
  resolve(reference: string): JsonObject | undefined {
    return resolveInside(reference, this.container, this.bundle);
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
