import { fhirError } from '../../fhir/outcome.ts';
import { combinations, compositeKey, compositeShape, compositeText, partForm } from './emitComposite.ts';
import type { CompositeContext, CompositePart } from './compositePlan.ts';
import { FORM, type KeyHasher } from './keys.ts';
import type { ParameterPlan } from './plan.ts';
import type { QuantityTerm, QuantityValue, RangeQuery, UnitBounds } from './queryRange.ts';
import { formsFor, type SlotQuery, type TokenValue } from './querySlots.ts';
import type { Key } from './rows.ts';
import { foldString } from './fold.ts';

/** What is asked of one part of a composite. Bounds are those that the prefix and the precision make. */
export type PartQuery =
  | { kind: 'token'; token: TokenValue }
  | { kind: 'reference'; value: string; targetType?: string }
  | { kind: 'string'; value: string }
  | { kind: 'number'; lo: number; hi: number }
  /** Milliseconds since 1970 UTC. */
  | { kind: 'date'; lo: number; hi: number }
  | { kind: 'quantity'; quantity: QuantityValue };

/** What a resource's rows must satisfy. */
export type IndexTerm =
  | { kind: 'all' | 'any'; terms: IndexTerm[] }
  /** One of these keys. */
  | { kind: 'keys'; keys: Key[] }
  /** A string row with one of these params that begins with the prefix. */
  | { kind: 'strings'; params: Key[]; prefix: string }
  /** A range row with one of these params (and the unit) that meets the bounds; and one of `alsoKeys`. */
  | ({ kind: 'range' } & QuantityTerm)
  /** A range row with one of these params whose `lo` meets the first bounds, and whose `hi` the second. */
  | { kind: 'pair'; params: Key[]; first: Bounds; second: Bounds }
  /** The date columns meet the bounds. */
  | ({ kind: 'mainDate' } & Bounds);

export interface Bounds {
  lo: number;
  hi: number;
}

export interface CompositeQuery {
  term(plan: ParameterPlan, parts: readonly PartQuery[]): IndexTerm;
}

/** Looks composites up; the parts must be as many as the parameter has, in its order and of its types. */
export function compositeQuery(hasher: KeyHasher, slots: SlotQuery, ranges: RangeQuery): CompositeQuery {
  function term({ contexts, definition }: ParameterPlan, parts: readonly PartQuery[]): IndexTerm {
    if (parts.length !== definition.component?.length) {
      const count = definition.component?.length ?? 0;
      throw fhirError(
        'incorrect',
        'invalid',
        `A value of '${definition.code}' has ${count} parts, joined by '$'.`,
      );
    }
    const terms = contexts.map((context) =>
      context.rows ? rowsTerm(context, parts) : allTerm(context, parts),
    );
    return { kind: 'any', terms };
  }

  function allTerm(context: CompositeContext, parts: readonly PartQuery[]): IndexTerm {
    return { kind: 'all', terms: context.parts.map((part, i) => partTerm(part, parts[i]!)) };
  }

  /** A part by itself, as if it were a parameter. */
  function partTerm(part: CompositePart, query: PartQuery): IndexTerm {
    const own = part.slots.map((slot) => ({ slot }));
    switch (query.kind) {
      case 'token':
        return { kind: 'keys', keys: slots.tokenKeys(own, query.token) };
      case 'reference':
        return { kind: 'keys', keys: slots.referenceKeys(own, part.targets, query.value, query.targetType) };
      case 'string':
        return { kind: 'strings', ...slots.stringPrefix(own, query.value) };
      case 'quantity': {
        const terms = ranges.quantityTerms(own, query.quantity);
        return { kind: 'any', terms: terms.map((found) => ({ kind: 'range', ...found })) };
      }
      default: {
        const { lo, hi } = query;
        if (part.slots.some((slot) => slot.mainDate)) return { kind: 'mainDate', lo, hi };
        return { kind: 'range', params: ranges.params(own), lo, hi };
      }
    }
  }

  function rowsTerm(context: CompositeContext, parts: readonly PartQuery[]): IndexTerm {
    const shape = compositeShape(context);
    const equal = combinations(shape.equal.map((i) => equalForms(context.parts[i]!, parts[i]!)));
    const params = (derived: boolean) =>
      equal.map((forms) => compositeKey(hasher, context, compositeText(forms), derived));
    const [string] = shape.strings.map((i) => parts[i]!);
    if (string?.kind === 'string') {
      return { kind: 'strings', params: params(false), prefix: foldString(string.value) };
    }
    const [first, second] = shape.spans.map((i) => boundsOf(parts[i]!, ranges));
    if (!first) return { kind: 'keys', keys: params(false) };
    if (second) return { kind: 'pair', params: params(false), first, second };
    const { derived, ...bounds } = first;
    return { kind: 'range', params: params(derived), ...bounds };
  }

  function equalForms(part: CompositePart, query: PartQuery): string[] {
    if (query.kind === 'reference') {
      const texts = slots.referenceTexts(part.targets, false, query.value, query.targetType);
      return texts.map((text) => partForm(FORM.reference, text));
    }
    if (query.kind !== 'token') throw mismatch(query);
    if (query.token.code === undefined) {
      throw fhirError('incorrect', 'not-supported', 'A part of a composite needs a code, not only a system.');
    }
    const types = part.paths.flatMap((path) => path.resolved?.map((r) => r.type) ?? ['code', 'Coding']);
    return formsFor(types, query.token).map(({ form, text }) => partForm(form, text));
  }

  return { term };
}

function boundsOf(query: PartQuery, ranges: RangeQuery): UnitBounds {
  if (query.kind === 'quantity') return ranges.unitBounds(query.quantity);
  if (query.kind !== 'number' && query.kind !== 'date') throw mismatch(query);
  return { derived: false, lo: query.lo, hi: query.hi };
}

function mismatch(query: PartQuery): Error {
  return new Error(`A part of a composite is asked as a ${query.kind}, which it is not`);
}
