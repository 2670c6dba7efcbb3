import type { IndexQuery } from '../index/query.ts';
import type { Database } from '../postgres/database.ts';
import { PAGE_BYTES_MAX, pageSql } from '../pageBytes.ts';
import { storedVersion } from '../resource/reader.ts';
import { tableNames } from '../schema/names.ts';
import { orWhenNoTable } from '../schema/resourceTypes.ts';
import type { HistoryFilter, HistoryPage } from './types.ts';

/** Versions of one resource, newest first. @param before version at which the preceding page ended */
export async function instanceHistory(
  database: Database,
  schema: string,
  index: IndexQuery,
  resource: { type: string; id: string },
  filter: HistoryFilter,
  before?: number,
): Promise<HistoryPage<number>> {
  const t = tableNames(schema, resource.type);
  const columns = 'id, version, last_updated, method';
  const shown = `${columns}, remade`;
  const versions = `SELECT ${shown}, content FROM (
        SELECT *, lead(last_updated) OVER (ORDER BY version) AS until,
          coalesce(lag(method) OVER (ORDER BY version) = 'D', false) AS remade FROM (
          SELECT ${columns}, content FROM ${t.resource} WHERE self = $1 AND id = $8
          UNION ALL SELECT ${columns}, content FROM ${t.history} WHERE self = $1 AND id = $8) v) w
      WHERE ($2::integer IS NULL OR version < $2)
        AND ($3::timestamptz IS NULL OR last_updated >= $3)
        AND ($4::timestamptz IS NULL OR (last_updated <= $5 AND (until IS NULL OR until > $4)))
      ORDER BY version DESC LIMIT $6`;
  const statement = {
    name: `history-${resource.type}`,
    text: pageSql(versions, shown, 'version DESC', '$7::bigint'),
    values: [
      index.selfKey(resource.type, resource.id),
      before ?? null,
      filter.since ?? null,
      filter.at?.from ?? null,
      filter.at?.to ?? null,
      filter.count + 1,
      PAGE_BYTES_MAX,
      resource.id,
    ],
  };
  const found = await orWhenNoTable(
    database.read(statement).then((result) => result.rows),
    [],
  );
  const page = found.slice(0, filter.count).filter((row) => row.fits);
  const entries = page.map((row) => ({
    ...storedVersion(row as never),
    type: resource.type,
    remade: row.remade as boolean,
  }));
  return found.length > page.length ? { entries, next: entries.at(-1)!.version } : { entries };
}
