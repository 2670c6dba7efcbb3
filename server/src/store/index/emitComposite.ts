import { fhirError } from '../../fhir/outcome.ts';
import { compileWalk, type Visit } from '../../fhir/path/compileWalk.ts';
import type { PathEngine, PathProgram } from '../../fhir/path/engine.ts';
import type { CompositeContext, CompositePath } from './compositePlan.ts';
import type { SinkVisit, Tools } from './emitTools.ts';
import { foldString } from './fold.ts';
import { FORM, type KeyHasher } from './keys.ts';
import type { SlotKind } from './slot.ts';
import { NOT_EXACT, type Key } from './rows.ts';
import { dateReader } from './values/date.ts';
import { numberReader, NO_UNIT, quantityReader, type QuantitySpan } from './values/quantity.ts';
import { referenceReader } from './values/reference.ts';
import { stringReader } from './values/text.ts';
import { tokenReader } from './values/token.ts';

/** Most combinations of codes that one element may stand for: usual ones have fewer than ten. */
export const COMPOSITE_FORMS_MAX = 10_000;

/** What one part of a composite holds at one context. */
export interface PartTerms {
  /** Forms of what is compared for equality (tokens, references, URIs). */
  equal: string[];
  spans: QuantitySpan[];
  strings: string[];
}

/** Adds what a value holds to the terms of its part. */
type Collect = Visit<PartTerms>;

/** Adds to the terms what a part holds in an element (or, for `%resource`, in its resource). */
type Collector = (element: unknown, resource: unknown, terms: PartTerms) => void;

/** How paths are run that are not generated code. */
export interface EngineUse {
  engine: () => PathEngine;
  /** True when all paths are run so. */
  always: boolean;
  resourceType: string;
}

/** Joins the forms of the parts that are compared for equality, in the order of the parts. */
export function compositeText(forms: readonly string[]): string {
  return forms.join('\u0001');
}

/** A token's or a reference's form within a composite. */
export function partForm(form: string, text: string): string {
  return form + text;
}

/** Writes the rows of one context: every combination of its parts' terms, and no others. */
export function compositeVisit(context: CompositeContext, tools: Tools, use: EngineUse): SinkVisit {
  const shape = compositeShape(context);
  const collectors = context.parts.map((part) =>
    part.paths.map((path) => pathCollector(part.kind, path, context, tools, use)),
  );
  return (element, sink) => {
    const terms = collectors.map((paths) => {
      const found: PartTerms = { equal: [], spans: [], strings: [] };
      for (const collect of paths) collect(element, sink.resource, found);
      return found;
    });
    const pick = (positions: readonly number[]) => positions.map((i) => terms[i]!);
    const forms = pick(shape.equal).map((term) => term.equal);
    if (forms.reduce((product, list) => product * list.length, 1) > COMPOSITE_FORMS_MAX)
      throw tooMany(context);
    for (const equal of combinations(forms)) {
      const text = compositeText(equal);
      const param = (canonical: boolean) => compositeKey(tools.hasher, context, text, canonical);
      const spans = pick(shape.spans).map((term) => term.spans);
      const strings = pick(shape.strings).flatMap((term) => term.strings);
      if (shape.spans.length + shape.strings.length === 0) sink.keys.push(param(false));
      for (const value of strings) sink.strings.push({ param: param(false), value, exact: NOT_EXACT });
      for (const { canonical, lo, hi, unit } of joined(spans))
        sink.ranges.push({ param: param(canonical), lo, hi, unit });
    }
  };
}

function tooMany({ branch }: CompositeContext): Error {
  return fhirError(
    'unprocessable',
    'too-costly',
    `${branch.text} has codes that make more than ${COMPOSITE_FORMS_MAX} pairs: give it fewer codings.`,
    branch.text,
  );
}

/** Positions of a composite's parts by how they are compared. */
export interface CompositeShape {
  equal: number[];
  spans: number[];
  strings: number[];
}

/** @throws Error for a composite that has no natural row: two strings, a string with a number, three numbers */
export function compositeShape(context: CompositeContext): CompositeShape {
  const kinds = context.parts.map((part) => part.kind);
  const at = (wanted: readonly SlotKind[]) => kinds.flatMap((kind, i) => (wanted.includes(kind) ? [i] : []));
  const shape = {
    equal: at(['token', 'reference', 'uri']),
    spans: at(['quantity', 'number', 'date']),
    strings: at(['string']),
  };
  const [spans, strings] = [shape.spans.length, shape.strings.length];
  const placed = shape.equal.length + spans + strings === kinds.length;
  const twoQuantities = spans === 2 && shape.spans.some((i) => kinds[i] === 'quantity');
  if (!placed || spans > 2 || strings > 1 || (spans > 0 && strings > 0) || twoQuantities) {
    throw new Error(`A composite of ${kinds.join(', ')} at ${context.text} cannot be indexed`);
  }
  return shape;
}

/** Key of a composite's equal parts on its context. */
export function compositeKey(
  hasher: KeyHasher,
  context: CompositeContext,
  text: string,
  canonical: boolean,
): Key {
  return hasher.key(context.path, canonical ? FORM.compositeCanonical : FORM.composite, text);
}

/** One part: its own spans. Two (start and end): the first's lo with the second's hi, which keeps the pair together. */
function joined(spans: readonly QuantitySpan[][]): QuantitySpan[] {
  const [first = [], second] = spans;
  if (!second) return first;
  return first.flatMap(({ lo }) => second.map(({ hi }) => ({ lo, hi, unit: NO_UNIT, canonical: false })));
}

/** Every way to take one of each list. */
export function combinations(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (found, list) => found.flatMap((head) => list.map((item) => [...head, item])),
    [[]],
  );
}

function pathCollector(
  kind: SlotKind,
  path: CompositePath,
  context: CompositeContext,
  tools: Tools,
  use: EngineUse,
): Collector {
  const { fromResource } = path;
  if (path.resolved && !use.always) {
    const walk = compileWalk<PartTerms>(
      path.resolved.map(({ hops, type }) => ({
        hops,
        visit: collectorOf(kind, type, path.branch.text, tools),
      })),
    );
    return (element, resource, terms) => walk(fromResource ? resource : element, terms);
  }
  const base = elementPath(context);
  let program: PathProgram | undefined;
  return (element, resource, terms) => {
    program ??= fromResource
      ? use.engine().compile(path.branch.text.replace('%resource', use.resourceType))
      : use.engine().compile(relativeText(path, context), base);
    for (const { type, value } of program(fromResource ? resource : element)) {
      if (value !== null) collectorOf(kind, type, path.branch.text, tools)(value, terms);
    }
  };
}

/** The context's path without its conditions; undefined when it is the resource itself. */
function elementPath(context: CompositeContext): string | undefined {
  const path = context.branch.path;
  const names = path?.steps.flatMap((step) => (step.kind === 'element' ? [step.name] : [])) ?? [];
  return path && names.length > 0 ? [path.root, ...names].join('.') : undefined;
}

function relativeText(path: CompositePath, context: CompositeContext): string {
  const { text } = path.branch;
  const start = `${context.branch.text}.`;
  return text.startsWith(start) ? text.slice(start.length) : text;
}

/** A type that the kind cannot search by adds nothing. */
function collectorOf(kind: SlotKind, type: string, path: string, tools: Tools): Collect {
  const nothing: Collect = () => undefined;
  switch (kind) {
    case 'token': {
      const read = tokenReader(type);
      // `system|` alone is not offered within composites: it would double the rows for nothing that is asked for.
      const offered = (form: string) => form !== FORM.system && form !== FORM.ofType;
      if (!read) return nothing;
      return (value, terms) => {
        for (const { form, text } of read(value)) if (offered(form)) terms.equal.push(partForm(form, text));
      };
    }
    case 'reference': {
      const read = referenceReader(type, tools.ownBase);
      if (!read) return nothing;
      return (value, terms) => {
        for (const text of read(value)?.texts ?? []) terms.equal.push(partForm(FORM.reference, text));
      };
    }
    case 'uri':
      return (value, terms) =>
        void (typeof value === 'string' && terms.equal.push(partForm(FORM.reference, value)));
    case 'string': {
      const read = stringReader(type);
      return read ? (value, terms) => void terms.strings.push(...read(value).map(foldString)) : nothing;
    }
    case 'quantity': {
      const read = quantityReader(type, tools.units, tools.converter);
      return read ? (value, terms) => void terms.spans.push(...read(value)) : nothing;
    }
    case 'number': {
      const read = numberReader(type);
      return (value, terms) => addSpan(terms, read?.(value));
    }
    case 'date': {
      const read = dateReader(type, path);
      return (value, terms) => {
        const span = read?.(value);
        addSpan(terms, span && { lo: span.loMs, hi: span.hiMs });
      };
    }
    default:
      return nothing;
  }
}

function addSpan(terms: PartTerms, span: { lo: number; hi: number } | undefined): void {
  if (span) terms.spans.push({ ...span, unit: NO_UNIT, canonical: false });
}
