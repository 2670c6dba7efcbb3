import type { Roles } from './conditionsSql.ts';

/** A table in the order of a walk. */
export interface Source {
  /** FROM item with the alias `d`; absent: the resources themselves. */
  from?: string;
  /** SQL of the row id. */
  rid: string;
  /** What its rows must satisfy. */
  where: string[];
  /** ... to lead to a match at all, where they tell so themselves: those that do not are seen, but nothing is looked up. */
  leads?: string[];
  /** What the resources that they lead to must satisfy. */
  rows: string[];
  /** It is in the order of its keys alone: rows whose keys are equal come in any order. */
  tied?: true;
  /** As SegmentRids.nullsWithin. */
  within?: string;
  /** SQL of the sort key of what it leads to, where that is known here; absent: it is looked up. */
  key?: string;
}

export interface Driver {
  /** SQL of the sort key. */
  key: string;
  sqlType: string;
  values: Source;
  /** Where the resources without a value are; absent: all have one. */
  nulls?: Source;
  roles: Pick<Roles, 'patient' | 'done'>;
}
