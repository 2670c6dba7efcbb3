import type { SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { fhirError } from '../../fhir/outcome.ts';
import { combinations, compositeKey, compositeShape, compositeText, partForm } from './emitComposite.ts';
import type { CompositeContext, CompositePart } from './compositePlan.ts';
import { FORM, type KeyHasher } from './keys.ts';
import type { ParameterPlan, TypePlan } from './plan.ts';
import type { QuantityTerm, QuantityValue, RangeQuery, UnitTest } from './queryRange.ts';
import type { SlotQuery } from './querySlots.ts';
import { ENGINE_TYPES, formsFor, type TokenValue } from './tokenForms.ts';
import type { Key } from './rows.ts';
import { foldString } from './fold.ts';
import type { SpanTest } from './spanTest.ts';

/** What is asked of one part of a composite. */
export type PartQuery =
  | { kind: 'token'; token: TokenValue }
  | { kind: 'reference'; value: string; targetType?: string }
  | { kind: 'uri'; value: string }
  | { kind: 'string'; value: string }
  | { kind: 'number'; test: SpanTest }
  /** Milliseconds since 1970 UTC. */
  | { kind: 'date'; test: SpanTest }
  | { kind: 'quantity'; quantity: QuantityValue };

/** What a resource's rows must satisfy. */
export type IndexTerm =
  | { kind: 'all' | 'any'; terms: IndexTerm[] }
  /** One of these keys. */
  | { kind: 'keys'; keys: Key[] }
  /** A string row with one of these params that begins with the prefix. */
  | { kind: 'strings'; params: Key[]; prefix: string }
  /** A range row with one of these params (and the unit) that satisfies the test; and one of `alsoKeys`. */
  | ({ kind: 'range' } & QuantityTerm)
  /** A range row with one of these params whose `lo` satisfies the first test, and whose `hi` the second. */
  | { kind: 'pair'; params: Key[]; first: SpanTest; second: SpanTest }
  /** The date columns satisfy the test. */
  | { kind: 'mainDate'; test: SpanTest };

/** See IndexQuery.tokenParts. */
export function tokenParts(
  { parameters }: TypePlan,
  { definition, contexts }: ParameterPlan,
): { parameter: SearchParameterDefinition; at: number }[] {
  const [context, ...others] = contexts;
  if (!context || context.rows || others.length > 0) return [];
  return (definition.component ?? []).flatMap((component, at) => {
    const own = [...parameters.values()].find((plan) => plan.definition.url === component.definition);
    const slots = own?.slots.map(({ slot }) => slot) ?? [];
    const isWithin = context.parts[at]!.slots.every((slot) => slots.includes(slot));
    return own?.definition.type === 'token' && isWithin ? [{ parameter: own.definition, at }] : [];
  });
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
      case 'uri':
        return { kind: 'keys', keys: slots.uriKeys(own, query.value) };
      case 'string':
        return { kind: 'strings', ...slots.stringPrefix(own, query.value) };
      case 'quantity': {
        const terms = ranges.quantityTerms(own, query.quantity);
        return { kind: 'any', terms: terms.map((found) => ({ kind: 'range', ...found })) };
      }
      default: {
        const { test } = query;
        if (part.slots.some((slot) => slot.mainDate)) return { kind: 'mainDate', test };
        return { kind: 'range', params: ranges.params(own), test };
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
      const prefix = foldString(string.value);
      // Where folding leaves nothing, nothing is asked for (as `stringPrefix`).
      return { kind: 'strings', params: prefix === '' ? [] : params(false), prefix };
    }
    const [first, second] = shape.spans.map((i) => testOf(parts[i]!, ranges));
    if (!first) return { kind: 'keys', keys: params(false) };
    if (second) return { kind: 'pair', params: params(false), first: first.test, second: second.test };
    const { derived, ...found } = first;
    return { kind: 'range', params: params(derived), ...found };
  }

  function equalForms(part: CompositePart, query: PartQuery): string[] {
    if (query.kind === 'reference') {
      const texts = slots.referenceTexts(part.targets, false, query.value, query.targetType);
      return texts.map((text) => partForm(FORM.reference, text));
    }
    if (query.kind === 'uri') return [partForm(FORM.reference, query.value)];
    if (query.kind !== 'token') throw mismatch(query);
    if (query.token.code === undefined) {
      throw fhirError('incorrect', 'not-supported', 'A part of a composite needs a code, not only a system.');
    }
    const types = part.paths.flatMap((path) => path.resolved ?? ENGINE_TYPES);
    return formsFor(types, query.token).map(({ form, text }) => partForm(form, text));
  }

  return { term };
}

function testOf(query: PartQuery, ranges: RangeQuery): UnitTest {
  if (query.kind === 'quantity') return ranges.unitTest(query.quantity);
  if (query.kind !== 'number' && query.kind !== 'date') throw mismatch(query);
  return { derived: false, test: query.test };
}

function mismatch(query: PartQuery): Error {
  return new Error(`A part of a composite is asked as a ${query.kind}, which it is not`);
}
