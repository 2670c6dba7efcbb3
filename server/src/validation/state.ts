import { JSON_DEPTH_MAX } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { RULES, type RuleId } from './rules.ts';

/** Issues that one validation reports; a closing one says when there are more. */
export const ISSUES_MAX = 100;

/** A compiled check: reports the faults of an object that stands `depth` steps below the root. */
export type ObjectCheck = (value: JsonObject, state: ValidationState, depth: number) => void;

/** Index of a step that is not an array item. */
export const NO_INDEX = -1;

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
  private root = '';
  private issues: Issue[] = [];

  /** Prepares for the next resource; `root` is its type. */
  begin(root: string): void {
    this.root = root;
    this.issues = [];
    this.depthMax = JSON_DEPTH_MAX;
    this.enteringContained = false;
  }

  /** The issues since `begin`. */
  end(): Issue[] {
    return this.issues;
  }

  /**
   * Reports a broken rule.
   *
   * @param depth of the object that has the fault
   * @param name element of it that is faulty; empty: the object itself
   * @param diagnostics one sentence, which must not quote content
   */
  report(
    rule: RuleId,
    depth: number,
    name: string,
    index: number,
    diagnostics: string,
    severity: Issue['severity'] = 'error',
  ): void {
    if (this.issues.length >= ISSUES_MAX) {
      if (this.depthMax >= 0) this.stop();
      return;
    }
    this.issues.push({
      severity,
      code: RULES[rule],
      details: { coding: [{ code: rule }] },
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

  private expression(depth: number, name: string, index: number): string {
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
