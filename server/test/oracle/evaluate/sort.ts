import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context } from './context.ts';
import { dateSpan } from './dates.ts';
import { definition } from './follow.ts';
import { numberSpan } from './numbers.ts';
import { measureOf } from './quantities.ts';
import { pointer } from './pointers.ts';
import type { Typed } from './paths.ts';
import { compareAt, type End, type Span } from './span.ts';
import { lastUpdatedOf } from './special.ts';
import { fold, stringsOf } from './strings.ts';
import { sortCodes } from './tokens.ts';
import { convertEnd, toBase } from './units.ts';
import type { Stored } from './world.ts';

type Order<T> = (a: T, b: T) => number;
/** What a resource is sorted by: the value that comes first in the direction; undefined where there is none. */
type KeyOf = (one: Stored) => End | string | undefined;

/** The order of `_sort` (search.html#sort): without a value last, ties by type and creation. */
export function sorted(context: Context, resources: readonly Stored[], sort: string | undefined): Stored[] {
  // How texts are ranked is not for a specification to say: what is sorted by _score is compared as a set.
  const keys = (sort?.split(',') ?? []).filter((key) => !key.endsWith('_score'));
  const orders = keys.map((key) => keyOrder(context, key));
  return [...resources].sort((a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    // What is contained stands where its container does, in the order in which it is contained.
    const [first, second] = [a.container ?? a, b.container ?? b];
    return compareBytes(first.type, second.type) || first.order - second.order;
  });
}

function keyOrder(context: Context, key: string): Order<Stored> {
  const descending = key.startsWith('-');
  const code = descending ? key.slice(1) : key;
  const keyOf = keyReader(context, code, descending);
  const known = new Map<Stored, End | string | undefined>();
  const read: KeyOf = (one) => {
    if (!known.has(one)) known.set(one, keyOf(one));
    return known.get(one);
  };
  return (a, b) => {
    const [first, second] = [read(a), read(b)];
    if (first === undefined || second === undefined)
      return Number(first === undefined) - Number(second === undefined);
    const difference = compareKeys(first, second, descending);
    return descending ? -difference : difference;
  };
}

function keyReader(context: Context, code: string, descending: boolean): KeyOf {
  if (code === '_id') return ({ id }) => id;
  if (code === '_lastUpdated') return (one) => new Date(lastUpdatedOf(one)).toISOString();
  return (one) => {
    const parameter = definition(context, one.type, code);
    const keys = keysOf(context, parameter, one, context.values.of(one, parameter), descending);
    return keys.reduce<End | string | undefined>((best, key) => {
      if (best === undefined) return key;
      const difference = compareKeys(key, best, descending);
      return (descending ? difference > 0 : difference < 0) ? key : best;
    }, undefined);
  };
}

function keysOf(
  { world }: Context,
  parameter: SearchParameterDefinition,
  one: Stored,
  values: readonly Typed[],
  descending: boolean,
): (End | string)[] {
  const ends = (spans: readonly (Span | undefined)[]): End[] =>
    spans.flatMap((span) => (span ? [descending ? span.high : span.low] : []));
  switch (parameter.type) {
    case 'string':
      return values.flatMap(stringsOf).map(fold);
    case 'date':
      // R4 leaves open which end counts; this server's are ordered by their start, whatever the direction.
      return values.flatMap((typed) => dateSpan(typed)?.low ?? []);
    case 'number':
      return ends(values.map(numberSpan));
    case 'quantity':
      return ends(comparableSpans(values));
    case 'token':
      return values.flatMap(sortCodes);
    case 'reference':
    case 'uri':
      return values.flatMap((typed) => pointer(world, one, typed)?.address ?? []);
    default:
      throw new Error(`A ${parameter.type} has no order`);
  }
}

/** Quantities of UCUM in base units; where there are none, as they are written. */
function comparableSpans(values: readonly Typed[]): Span[] {
  const measures = values.flatMap((typed) => measureOf(typed) ?? []);
  const inBase = measures.flatMap(({ span, system, code }) => {
    const base = toBase(system, code);
    return base ? [{ low: convertEnd(span.low, base), high: convertEnd(span.high, base) }] : [];
  });
  return inBase.length > 0 ? inBase : measures.map(({ span }) => span);
}

/** What ends below 5 ends before what ends at 5; what begins above 5 begins after it. @param descending by the high ends */
function compareKeys(a: End | string, b: End | string, descending: boolean): number {
  if (typeof a === 'string' && typeof b === 'string') return compareBytes(a, b);
  const [first, second] = [a as End, b as End];
  const inclusion = Number(first.included) - Number(second.included);
  return compareAt(first, second) || (descending ? inclusion : -inclusion);
}

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
