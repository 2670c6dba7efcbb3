import { JSON_DEPTH_MAX } from '../fhir/json/parse.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { BundleIndex, ContainedIndex } from './resolve.ts';
import { RULES, type RuleId } from './rules.ts';

/** Issues that one validation reports; a closing one says when there are more. */
export const ISSUES_MAX = 100;
/** Index of a step that is not an array item. */
export const NO_INDEX = -1;

const NOTHING: JsonObject = {};

/**
 * Where a validation stands in a resource, and what it reports there. The compiled checks note each step on their way down in two
 * arrays, so that a path is put together only when there is something to report.
 */
export class Standing {
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
  /** Ids of the elements of `resource` that have one. */
  elementIds: Set<string> | undefined;
  protected issues: Issue[] = [];
  private bundleIndex: BundleIndex | undefined;
  private containedIndex: ContainedIndex | undefined;
  private root = '';

  /** At the beginning of a resource of this type. */
  protected standAt(root: string): void {
    this.root = root;
    this.issues = [];
    this.depthMax = JSON_DEPTH_MAX;
    this.enteringContained = false;
    this.bundle = undefined;
    this.bundleIndex = undefined;
    this.containedIndex = undefined;
    this.elementIds = undefined;
  }

  /** At the place of another one, with issues of its own. */
  protected standWithin(outer: Standing): void {
    this.resource = outer.resource;
    this.resourceDepth = 0;
    this.container = outer.container;
    this.bundle = outer.bundle;
    this.bundleIndex = outer.indexOfBundle();
    if (outer.container.contained !== undefined) this.containedIndex = outer.indexOfContained();
  }

  /** Forgets the resource, which may be a large Bundle. */
  protected leave(): void {
    this.resource = this.container = NOTHING;
    this.bundle = this.bundleIndex = this.containedIndex = undefined;
  }

  /** Errors that have been reported. */
  get errorCount(): number {
    return this.issues.filter(({ severity }) => severity === 'error').length;
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
