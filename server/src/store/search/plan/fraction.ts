import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Comparison, Condition } from '../../../fhir/search/ast.ts';
import { foldString } from '../../index/fold.ts';
import type { IndexTerm } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import {
  fractionBetween,
  frequency,
  keysFrequency,
  prefixFraction,
  rangesFraction,
  type Histogram,
  type TypeStatistics,
} from '../statistics/typeStatistics.ts';
import { instantBounds, mainDateBounds } from './bounds.ts';

/** Part of a type's resources that satisfy a condition, between 0 and 1: a careful guess in both directions. */
export interface Fraction {
  few: number;
  many: number;
}

/** What guesses are made from. */
export interface Guessing {
  statistics(type: string): TypeStatistics | undefined;
  /** Keys of which the resource has one exactly where it satisfies the condition; undefined where there are none such. */
  keys(type: string, condition: Condition): readonly Key[] | undefined;
  /** Whether it is the date in the date columns. */
  isMainDate(type: string, parameter: SearchParameterDefinition): boolean;
  /** What a condition on range rows, or a composite, asks the index. */
  terms(type: string, condition: OnRanges): readonly IndexTerm[];
}

/** Conditions that are answered by range rows, some of them together with keys. */
export type OnRanges = Extract<Condition, { kind: 'date' | 'number' | 'quantity' | 'composite' }>;

const ALL: Fraction = { few: 1, many: 1 };
const NONE: Fraction = { few: 0, many: 0 };
/** What nothing is known about. */
const UNKNOWN: Fraction = { few: 0.000_1, many: 0.1 };
/** How far a guess from statistics is off in either direction, where it leads over other tables or folded texts. */
const DOUBT = 5;

export function fractionOf(guessing: Guessing, type: string, condition: Condition): Fraction {
  const statistics = guessing.statistics(type);
  if (!statistics) return UNKNOWN;
  const keys = guessing.keys(type, condition);
  if (keys) return exactly(keysFrequency(statistics, keys));
  switch (condition.kind) {
    case 'and':
      return allOf(condition.conditions.map((one) => fractionOf(guessing, type, one)));
    case 'or':
      return anyOf(condition.conditions.map((one) => fractionOf(guessing, type, one)));
    case 'not':
      return without(fractionOf(guessing, type, condition.condition));
    case 'constant':
      return condition.value ? ALL : NONE;
    case 'id':
      return exactly(Math.min(1, condition.ids.length / statistics.rows));
    case 'last-updated':
      return anyOf(condition.comparisons.map((one) => instantFraction(statistics, one)));
    case 'date':
      if (guessing.isMainDate(type, condition.parameter))
        return anyOf(condition.comparisons.map((one) => mainDateFraction(statistics, one)));
      return anyOf(guessing.terms(type, condition).map((term) => termFraction(statistics, term)));
    case 'number':
    case 'quantity':
    case 'composite':
      return anyOf(guessing.terms(type, condition).map((term) => termFraction(statistics, term)));
    case 'string':
      if (condition.match !== 'starts-with' && condition.match !== 'exact') return UNKNOWN;
      return anyOf(condition.values.map((value) => doubtful(prefixFraction(statistics, foldString(value)))));
    case 'chain':
      return anyOf(condition.targets.map((one) => doubted(fractionOf(guessing, one.type, one.condition))));
    case 'has': {
      const found = fractionOf(guessing, condition.type, condition.condition);
      const ratio = (guessing.statistics(condition.type)?.rows ?? 0) / statistics.rows;
      // Those that have one among so many; but they may all refer to the same resource.
      const share = (part: number) => (ratio < 1 ? part * ratio : 1 - (1 - part) ** ratio);
      return { few: share(found.few) / DOUBT, many: Math.min(1, found.many * ratio) };
    }
    case 'missing':
      // Mostly, either all resources of a type have a value or none has.
      return { few: UNKNOWN.few, many: 1 };
    default:
      return UNKNOWN;
  }
}

const exactly = (part: number): Fraction => ({ few: part, many: part });
const doubtful = (part: number): Fraction => ({ few: part / DOUBT, many: Math.min(1, part * DOUBT) });
const doubted = ({ few, many }: Fraction): Fraction => ({
  few: Math.min(1, few / DOUBT),
  many: Math.min(1, many * DOUBT),
});
const without = ({ few, many }: Fraction): Fraction => ({ few: 1 - many, many: 1 - few });

export function allOf(parts: readonly Fraction[]): Fraction {
  return parts.reduce((all, one) => ({ few: all.few * one.few, many: all.many * one.many }), ALL);
}

function anyOf(parts: readonly Fraction[]): Fraction {
  return parts.reduce(
    (any, one) => ({ few: Math.min(1, any.few + one.few), many: Math.min(1, any.many + one.many) }),
    NONE,
  );
}

function instantFraction({ lastUpdated }: TypeStatistics, comparison: Comparison): Fraction {
  const { from, to } = instantBounds([comparison]);
  return spanFraction(lastUpdated, from, to);
}

function mainDateFraction({ dates }: TypeStatistics, comparison: Comparison): Fraction {
  const { prefix, lo, hi } = comparison;
  if (prefix === 'ne') return { few: 0.5, many: 1 };
  // Taken as moments: few periods are long.
  if (prefix === 'gt' || prefix === 'ge') return spanFraction(dates, lo, Infinity);
  const { from, to } = prefix === 'ap' ? { from: lo, to: hi } : mainDateBounds([comparison]);
  return spanFraction(dates, from, to);
}

/** What is newer than the statistics is not in them: at the most, as much as between two of their bounds. */
export function spanFraction(histogram: Histogram<number>, from: number, to: number): Fraction {
  const part = fractionBetween(histogram, from, to);
  const { bounds } = histogram;
  const isNewer = bounds.length > 0 && to > bounds.at(-1)!;
  const unseen = isNewer ? 1 / bounds.length : 0;
  return { few: part / 2, many: Math.min(1, part * 2 + unseen) };
}

/** Of what has a value of the parameter, any part may have one that is asked for. */
const OF_RANGES: Fraction = { few: 0.02, many: 1 };

function termFraction(statistics: TypeStatistics, term: IndexTerm): Fraction {
  switch (term.kind) {
    case 'all':
      return allOf(term.terms.map((one) => termFraction(statistics, one)));
    case 'any':
      return anyOf(term.terms.map((one) => termFraction(statistics, one)));
    case 'keys':
      return exactly(keysFrequency(statistics, term.keys));
    case 'strings':
      return doubtful(prefixFraction(statistics, term.prefix));
    case 'mainDate':
      return OF_RANGES;
    case 'range':
    case 'pair': {
      const part = rangesFraction(statistics, term.params);
      return { few: part * OF_RANGES.few, many: part * OF_RANGES.many };
    }
  }
}

/** Part of the resources that belong to a patient. */
export function patientFraction(statistics: TypeStatistics, patient: Key): number {
  return frequency(statistics.patients, patient);
}
