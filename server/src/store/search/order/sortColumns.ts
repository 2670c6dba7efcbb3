import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { Condition, SortKey } from '../../../fhir/search/ast.ts';
import type { ConditionContext } from '../conditions/context.ts';
import { beginningRanges, beginningsOf } from '../conditions/beginnings.ts';
import { anyOf, paramOfRow } from '../conditions/expressions.ts';
import { scoreSql } from './score.ts';
import { contentValues, isReadable } from '../content/contentValues.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import type { Key } from '../../index/rows.ts';

/** A sort key in SQL. */
export interface SortColumn {
  /** Expression about the row of the context; NULL where it has no value. */
  readonly sql: string;
  sqlType: string;
  descending: boolean;
  nullable: boolean;
  nullsFirst?: true;
}

export const INSTANT = 'timestamptz';
export const NUMBER = 'float8';
export const ROW_KEY = 'bigint';
/** Compared by its bytes, as the columns that hold such texts are. */
export const TEXT = 'text COLLATE "C"';

/** An instant as the milliseconds since 1970 UTC that range rows have. */
export function asMilliseconds(column: SortColumn): SortColumn {
  return { ...column, sql: `(extract(epoch FROM ${column.sql}) * 1000)::float8`, sqlType: NUMBER };
}

/** Whether results can be ordered by a parameter: not by sounds, places, nor by several values together. */
export function canSort(index: IndexQuery, type: string, parameter: SearchParameterDefinition): boolean {
  const plan = index.plan(type, parameter);
  if (!plan || plan.slots.length === 0) return false;
  switch (parameter.type) {
    case 'string':
      return plan.slots.every(({ slot }) => slot.kind === 'string');
    case 'date':
    case 'number':
    case 'quantity':
      return true;
    default:
      return isReadable(plan.slots);
  }
}

/**
 * The value that a row is ordered by (http://hl7.org/fhir/R4/search.html#_sort): of several, the one that comes first in
 * the order. Dates are ordered by their start; strings folded; tokens by their code, references and URIs as written, in
 * the order of their bytes; numbers by their lower end ascending and their upper end descending; quantities likewise, in
 * UCUM base units where they have any, else as they are written, whatever the unit.
 *
 * @param conditions of the search, whose full-text conditions make the score
 */
export function sortColumn(
  context: ConditionContext,
  key: SortKey,
  conditions: readonly Condition[],
): SortColumn {
  const { alias } = context;
  const { descending } = key;
  switch (key.by) {
    case 'id':
      return { sql: `${alias}.id`, sqlType: TEXT, descending, nullable: false };
    case 'last-updated':
      return { sql: `${alias}.last_updated`, sqlType: INSTANT, descending, nullable: false };
    case 'score':
      return { sql: scoreSql(context, conditions), sqlType: NUMBER, descending, nullable: false };
    case 'patient':
      // What comes in this order is about a patient.
      return { sql: `${alias}.pat`, sqlType: ROW_KEY, descending, nullable: false };
    case 'main-date':
      return { sql: `${alias}.date_lo`, sqlType: INSTANT, descending, nullable: true, nullsFirst: true };
    case 'beginning':
      return {
        // Only where it is used: PostgreSQL wants to meet every parameter that it gets.
        get sql() {
          return beginningSql(context, key, conditions);
        },
        sqlType: TEXT,
        descending,
        nullable: false,
      };
    case 'parameter':
      return { ...parameterColumn(context, key.parameter!, descending), descending, nullable: true };
  }
}

/** The first of the texts that begin so; what satisfies the condition has one. */
function beginningSql(
  context: ConditionContext,
  { values }: SortKey,
  conditions: readonly Condition[],
): string {
  const { alias, index, parameters, tables, type } = context;
  const asked = conditions.find((one) => one.kind === 'string' && one.values === values)!;
  const ranges = beginningRanges(parameters, beginningsOf(index, type, asked)!, 's', paramOfRow('s'));
  const texts = anyOf(ranges.map((range) => `(${range})`));
  return `(SELECT min(s.value) FROM ${tables.strings} s WHERE s.rid = ${alias}.rid AND ${texts})`;
}

function parameterColumn(
  context: ConditionContext,
  parameter: SearchParameterDefinition,
  descending: boolean,
): { sql: string; sqlType: string } {
  const { type, index, alias } = context;
  const slots = index.plan(type, parameter)?.slots ?? [];
  const paths = slots.map(({ slot }) => slot.path.key);
  const extreme = descending ? 'max' : 'min';
  switch (parameter.type) {
    case 'date':
      if (index.isMainDate(type, parameter)) return { sql: `${alias}.date_lo`, sqlType: INSTANT };
      return { sql: rangeExtreme(context, paths, `${extreme}(s.lo)`), sqlType: NUMBER };
    case 'number':
      return { sql: rangeExtreme(context, paths, boundExtreme(descending)), sqlType: NUMBER };
    case 'quantity':
      return { sql: quantityExtreme(context, slots, boundExtreme(descending)), sqlType: NUMBER };
    case 'string':
      return {
        sql: `(SELECT ${extreme}(s.value) FROM ${context.tables.strings} s WHERE s.rid = ${alias}.rid AND ${ofParams(context, paths)})`,
        sqlType: TEXT,
      };
    default: {
      const values = contentValues(context, parameter);
      if (!values) throw new Error(`${type} cannot be ordered by ${parameter.code}`);
      return { sql: `(SELECT ${extreme}(s.value) FROM (${values.sql}) s)`, sqlType: TEXT };
    }
  }
}

const boundExtreme = (descending: boolean) => (descending ? 'max(s.hi)' : 'min(s.lo)');

function quantityExtreme(
  context: ConditionContext,
  slots: readonly ParameterSlot[],
  extreme: string,
): string {
  const converted = slots.map(({ slot }) => slot.derivedPath.key);
  const written = slots.map(({ slot }) => slot.path.key);
  return `coalesce(${rangeExtreme(context, converted, extreme)}, ${rangeExtreme(context, written, extreme)})`;
}

function rangeExtreme(context: ConditionContext, params: readonly Key[], extreme: string): string {
  const { alias, tables } = context;
  return `(SELECT ${extreme} FROM ${tables.ranges} s WHERE s.rid = ${alias}.rid AND ${ofParams(context, params)})`;
}

function ofParams({ parameters }: ConditionContext, params: readonly Key[]): string {
  return `${paramOfRow('s')} = ANY (${parameters.add([...params])}::bigint[])`;
}
