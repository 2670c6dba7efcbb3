import type { Statement } from '../postgres/database.ts';
import type { PreparedSearch } from './prepared.ts';
import { conditionsSql } from './statement/conditionsSql.ts';

/** A resource that satisfies criteria. */
export interface CriteriaMatch {
  id: string;
  version: number;
  lastUpdated: Date;
  /** Its JSON text, where it was asked for. */
  content?: string;
}

/** What {@link matchesStatement} brings. */
export interface MatchRow {
  id: string;
  version: number;
  last_updated: Date;
  content?: string;
}

/** The first matches that are come upon, in no order. */
export function matchesStatement(
  { context, facts }: PreparedSearch,
  limit: number,
  withContent: boolean,
): Statement {
  const { alias, tables, parameters } = context;
  const conditions = conditionsSql(context, facts.parts, { driving: [], planned: true, joins: 'set' });
  const columns = ['id', 'version', 'last_updated', ...(withContent ? ['content'] : [])];
  const text = `SELECT ${columns.map((column) => `${alias}.${column}`).join(', ')}
    FROM ${tables.resource} ${alias} WHERE ${conditions} LIMIT ${parameters.add(limit)}::bigint`;
  return { name: '', text, values: parameters.values };
}

export const asMatch = ({ id, version, last_updated: lastUpdated, content }: MatchRow): CriteriaMatch => ({
  id,
  version,
  lastUpdated,
  ...(content === undefined ? {} : { content }),
});
