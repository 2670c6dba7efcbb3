import type { IndexQuery } from '../index/query.ts';
import type { Database, Statement } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';
import { tableNames } from '../schema/names.ts';
import { SqlParameters } from '../search/sqlParameters.ts';
import { orTooCostly } from '../search/tooCostly.ts';

/** Different labels that are told; a store with more uses them as identifiers. */
export const LABELS_MAX = 10_000;

/** A profile, security label or tag that some resource has. `code` is the URL of a profile. */
export interface Label {
  kind: 'profile' | 'security' | 'tag';
  system: string | null;
  code: string | null;
  display: string | null;
}

/**
 * The labels that live resources of the types have, each once, in order. Reads the content of every resource that has
 * any, so it may take long.
 *
 * @param types those that have tables
 * @returns LABELS_MAX + 1 where there are more than LABELS_MAX
 */
export async function labelsInUse(
  database: Database,
  schema: string,
  index: IndexQuery,
  types: readonly string[],
): Promise<Label[]> {
  if (types.length === 0) return [];
  const { rows } = await orTooCostly(database.search(labelsStatement(schema, index, types)));
  return rows as unknown as Label[];
}

/** The statement of {@link labelsInUse}. */
export function labelsStatement(schema: string, index: IndexQuery, types: readonly string[]): Statement {
  const parameters = new SqlParameters();
  const metas = types.map((type) => {
    const keys = parameters.add(int8Array(labelKeys(index, type)));
    return `SELECT m.content::json -> 'meta' AS meta FROM ${tableNames(schema, type).resource} m WHERE m.keys && ${keys}::bigint[]`;
  });
  const codings = (kind: 'security' | 'tag') =>
    `SELECT '${kind}', c ->> 'system', c ->> 'code', c ->> 'display' FROM json_array_elements(meta -> '${kind}') c`;
  const text = `SELECT l.kind, l.system, l.code, min(l.display) AS display
FROM (${metas.join('\nUNION ALL ')} OFFSET 0) r CROSS JOIN LATERAL (
  SELECT 'profile', NULL, p, NULL FROM json_array_elements_text(meta -> 'profile') p WHERE p IS NOT NULL
  UNION ALL ${codings('security')}
  UNION ALL ${codings('tag')}) l(kind, system, code, display)
GROUP BY l.kind, l.system, l.code
ORDER BY l.kind, l.system COLLATE "C" NULLS FIRST, l.code COLLATE "C" NULLS FIRST LIMIT ${parameters.add(LABELS_MAX + 1)}`;
  return { name: '', text, values: parameters.values };
}

function labelKeys(index: IndexQuery, type: string): bigint[] {
  return ['_profile', '_security', '_tag'].flatMap((code) => {
    const presence = index.presence(type, code);
    if (presence === 'always') throw new Error(`${code} is never required`);
    return presence.keys;
  });
}
