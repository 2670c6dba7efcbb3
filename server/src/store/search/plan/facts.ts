import type { Condition, SortKey, TypeSearch } from '../../../fhir/search/ast.ts';
import type { IndexQuery, OrderedKeys } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { targetTypeOf, withoutOwnBase } from '../../index/values/reference.ts';
import { beginningsOf, type Beginning } from '../conditions/beginnings.ts';
import { isCodedHas } from '../conditions/has.ts';
import { orderedKeys } from '../conditions/orderedKeys.ts';
import { ownersOf, type Owners } from '../conditions/owners.ts';
import { isPatientColumn } from '../conditions/patientColumn.ts';
import { both, instantBounds, mainDateBounds, mainDateEnd, UNBOUNDED, type Bounds } from './bounds.ts';
import { fractionOf, type Fraction, type Guessing } from './fraction.ts';
import { withoutImplied } from './implied.ts';
import { quantityBounds, type QuantityBounds } from './quantityBounds.ts';

/** One of the conditions that must all hold, and what the plan goes by. */
export interface Part {
  condition: Condition;
  /** The resource satisfies it exactly when it has one of these. */
  keys?: readonly Key[];
  /** ... when it belongs to this patient. */
  patient?: Key;
  /** Where the ordered table holds what satisfies it. */
  ordered?: OrderedKeys;
  /** What satisfies it has its main quantity within one of these. */
  quantities?: readonly QuantityBounds[];
  /** The resource satisfies it exactly when it has a text with one of the beginnings, in a row of one of its parameters. */
  prefixes?: readonly Beginning[];
  /** ... when it belongs to one of these patients. */
  owners?: Owners;
  /** Other rows than the resource's own have to be looked at: how many for each. 0: none. */
  probes: number;
  /** Rows of other resources that satisfy it: where resources are not looked at one by one, all of them are. */
  gathers: number;
  fraction: Fraction;
}

/** With more keys a condition is looked at in the resource alone. */
const SIGNED_KEYS_MAX = 8;

/** Whether the signature of a change tells of most resources that they do not satisfy the condition (index/keySignature.ts). */
export const isSigned = ({ keys }: Part): boolean =>
  keys !== undefined && keys.length > 0 && keys.length <= SIGNED_KEYS_MAX;

/** The order that is asked for, where a table is already in it. */
export type WalkOrder =
  | { by: 'row' }
  /** By the texts that a part asks for by their beginnings. */
  | { by: 'beginning'; part: number }
  /** By the patients of a part, and of each by main date. */
  | { by: 'patient'; part: number }
  | { by: 'main-date' | 'last-updated'; descending: boolean }
  /** A single path of strings, or of dates in range rows. */
  | { by: 'strings' | 'ranges'; param: Key; descending: boolean };

/** What the plan of a search of one type is made from. */
export interface SearchFacts {
  type: string;
  parts: readonly Part[];
  /** Where the main date begins. */
  dates: Bounds;
  /** From when on it ends, where the index on its beginning can tell. */
  endsFrom: number;
  /** Without a main date, no resource satisfies the conditions. */
  isDated: boolean;
  lastUpdated: Bounds;
  order?: WalkOrder;
}

/** Part of a type's main dates that may be long; of more, looking for those that end after a moment is no use. */
export const LONG_DATES_MAX = 0.05;

/** What is asked of a type, seen by the plan. */
export function factsOf(index: IndexQuery, search: TypeSearch, guessing: Guessing): SearchFacts {
  const { type } = search;
  const conditions = withoutImplied(flat(search.conditions), (condition) => guessing.keys(type, condition));
  const facts: SearchFacts = {
    type,
    parts: conditions.map((condition) => partOf(index, type, condition, guessing)),
    dates: UNBOUNDED,
    endsFrom: -Infinity,
    isDated: false,
    lastUpdated: UNBOUNDED,
  };
  const tellsEnds = (guessing.statistics(type)?.longDates ?? 0) <= LONG_DATES_MAX;
  for (const { condition } of facts.parts) {
    if (condition.kind === 'last-updated')
      facts.lastUpdated = both(facts.lastUpdated, instantBounds(condition.comparisons));
    if (condition.kind === 'date' && index.isMainDate(type, condition.parameter)) {
      facts.dates = both(facts.dates, mainDateBounds(condition.comparisons));
      if (tellsEnds) facts.endsFrom = Math.max(facts.endsFrom, mainDateEnd(condition.comparisons));
      facts.isDated = true;
    }
  }
  const order = walkOrder(index, facts, search.sort);
  return order ? { ...facts, order } : facts;
}

/** Conditions that must all hold, one by one. */
export function flat(conditions: readonly Condition[]): Condition[] {
  return conditions.flatMap((condition) =>
    condition.kind === 'and' ? flat(condition.conditions) : [condition],
  );
}

function partOf(index: IndexQuery, type: string, condition: Condition, guessing: Guessing): Part {
  const fraction = fractionOf(guessing, type, condition);
  const keys = guessing.keys(type, condition);
  const part: Part = {
    condition,
    fraction,
    probes: probesOf(index, type, condition, guessing),
    gathers: gathersOf(condition, guessing),
  };
  if (keys !== undefined) part.keys = keys;
  const patient = patientOf(index, type, condition);
  if (patient !== undefined) part.patient = patient;
  const prefixes = beginningsOf(index, type, condition);
  if (prefixes !== undefined) part.prefixes = prefixes;
  const owners = guessing.statistics('Patient') ? ownersOf(index, type, condition) : undefined;
  if (owners !== undefined) {
    part.owners = owners;
    part.probes = 0;
  }
  const ordered = orderedKeys(index, type, condition);
  if (ordered !== undefined) part.ordered = ordered;
  const quantities = quantitiesOf(index, type, condition, guessing);
  if (quantities !== undefined) part.quantities = quantities;
  return part;
}

/** A side table has a few rows of each resource. */
const SIDE_PROBES = 2;

/** How many rows besides the resource's own are looked at to see whether it satisfies a condition. */
function probesOf(index: IndexQuery, type: string, condition: Condition, guessing: Guessing): number {
  if (guessing.keys(type, condition) !== undefined) return 0;
  const within = (one: Condition, of = type) => probesOf(index, of, one, guessing);
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.reduce((sum, one) => sum + within(one), 0);
    case 'not':
      return within(condition.condition);
    case 'missing':
      // What is missing has keys that say when it is not.
      return condition.missing ? within({ ...condition, missing: false }) : SIDE_PROBES;
    case 'date':
      return index.isMainDate(type, condition.parameter) ? 0 : SIDE_PROBES;
    case 'constant':
    case 'id':
    case 'last-updated':
    case 'compartment':
      return 0;
    case 'chain':
      return condition.targets.reduce((sum, one) => sum + 1 + within(one.condition, one.type), 0);
    case 'has': {
      if (isCodedHas(index, type, condition)) return 1;
      const rowsOf = (of: string) => guessing.statistics(of)?.rows ?? 1;
      const referring = Math.max(1, rowsOf(condition.type) / rowsOf(type));
      const { few } = fractionOf(guessing, condition.type, condition.condition);
      return untilFirst(few, referring) * (1 + within(condition.condition, condition.type));
    }
    default:
      return SIDE_PROBES;
  }
}

/** Rows that are looked at, of so many at the most, until one is met that satisfies what such a part of them does. */
const untilFirst = (part: number, rows: number) => (part > 0 ? (1 - (1 - part) ** rows) / part : rows);

function gathersOf(condition: Condition, guessing: Guessing): number {
  const rowsOf = (type: string, one: Condition) =>
    (guessing.statistics(type)?.rows ?? 1) * fractionOf(guessing, type, one).many + gathersOf(one, guessing);
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.conditions.reduce((sum, one) => sum + gathersOf(one, guessing), 0);
    case 'not':
      return gathersOf(condition.condition, guessing);
    case 'chain':
      return condition.targets.reduce((sum, one) => sum + rowsOf(one.type, one.condition), 0);
    case 'has':
      return rowsOf(condition.type, condition.condition);
    default:
      return 0;
  }
}

/** The patient that a reference condition is about, where the patient column answers it. */
function patientOf(index: IndexQuery, type: string, condition: Condition): Key | undefined {
  if (condition.kind !== 'reference' || condition.references.length !== 1) return undefined;
  const [{ value, targetType }] = condition.references as [{ value: string; targetType?: string }];
  const { parameter } = condition;
  if (!isPatientColumn(index, type, parameter)) return undefined;
  const text = withoutOwnBase(value, index.ownBase);
  const mayBe = targetType === undefined ? parameter.target : [targetType];
  if (LOGICAL_ID.test(text)) {
    return mayBe?.length === 1 && mayBe[0] === 'Patient' ? index.selfKey('Patient', text) : undefined;
  }
  const id = LOCAL_PATIENT.exec(text)?.[1];
  if (id === undefined || (targetType ?? targetTypeOf(text)) !== 'Patient') return undefined;
  return index.selfKey('Patient', id);
}

const LOGICAL_ID = /^[A-Za-z0-9\-.]{1,64}$/;
const LOCAL_PATIENT = /^Patient\/([A-Za-z0-9\-.]{1,64})$/;

function quantitiesOf(
  index: IndexQuery,
  type: string,
  condition: Condition,
  guessing: Guessing,
): Part['quantities'] {
  if (condition.kind !== 'quantity' && condition.kind !== 'composite') return undefined;
  return quantityBounds(index, type, guessing.terms(type, condition));
}

function walkOrder(
  index: IndexQuery,
  { type, parts }: SearchFacts,
  sort: readonly SortKey[],
): WalkOrder | undefined {
  const [key, further] = sort;
  if (key === undefined) return { by: 'row' };
  if (key.by === 'patient') {
    const part = parts.findIndex(({ owners }) => owners !== undefined);
    return part < 0 ? undefined : { by: 'patient', part };
  }
  if (further !== undefined) return undefined;
  const { by, parameter, descending } = key;
  if (by === 'last-updated') return { by, descending };
  if (by === 'beginning') {
    const part = parts.findIndex(
      ({ condition }) => condition.kind === 'string' && condition.values === key.values,
    );
    return { by, part };
  }
  if (by !== 'parameter') return undefined;
  if (!parameter) throw new Error('a sort key by parameter names none');
  if (parameter.type !== 'date' && parameter.type !== 'string') return undefined;
  if (parameter.type === 'date' && index.isMainDate(type, parameter)) return { by: 'main-date', descending };
  const slots = index.plan(type, parameter)?.slots ?? [];
  if (slots.length !== 1) return undefined;
  const param = slots[0]!.slot.path.key;
  return { by: parameter.type === 'string' ? 'strings' : 'ranges', param, descending };
}
