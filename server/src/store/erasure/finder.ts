import type { Definitions } from '../../fhir/definitions/types.ts';
import type { IndexQuery } from '../index/query.ts';
import type { Key } from '../index/rows.ts';
import { int8Array, textArray } from '../resource/binaryArray.ts';
import { tableNames } from '../schema/names.ts';
import type { ResourceTypes } from '../schema/resourceTypes.ts';
import { once, parts, type FoundRow, type Run } from './types.ts';

/** Rows of a table that one statement looks through: some 60 MB of text. */
const SCANNED_ROWS = 20_000;
/** Characters of contents that are in memory at once, unless one alone is longer. */
const CONTENT_CHARS_MAX = 8 * 2 ** 20;
/** Resources whose referrers are looked for by one statement. */
const TARGETS_MAX = 2_000;

/** What is looked for in the text of every version. */
export interface NamePattern {
  /** Stands in each text that matches: looked for first, since that is quick. */
  text: string;
  /** Regular expression of PostgreSQL's. */
  pattern: string;
}

/** A resource whose referrers are looked for. */
export interface ReferenceTarget {
  type: string;
  /** Its own key. */
  self: Key;
}

export interface FinderParts {
  schema: string;
  index: IndexQuery;
  types: ResourceTypes;
  definitions: Definitions;
}

/**
 * Finds resources that name another in any version: by their texts, since no index has what was deleted or superseded, what stands
 * in extensions or in text. That reads every table from end to end.
 */
export class ErasureFinder {
  readonly #parts: FinderParts;

  constructor(finderParts: FinderParts) {
    this.#parts = finderParts;
  }

  /** Resource types that have tables. */
  types(): Promise<string[]> {
    return this.#parts.types.existing();
  }

  /** A resource's own key. */
  selfKey(type: string, id: string): Key {
    return this.#parts.index.selfKey(type, id);
  }

  /** Those of a type of which some version matches. */
  async *naming(run: Run, type: string, name: NamePattern): AsyncGenerator<FoundRow[]> {
    const t = tableNames(this.#parts.schema, type);
    const selves = new Set<string>();
    for (let rid = '0'; ;) {
      const { rows } = await run(
        once(
          `WITH part AS MATERIALIZED (SELECT rid, self, content FROM ${t.resource} WHERE rid > $1 ORDER BY rid LIMIT ${SCANNED_ROWS})
           SELECT (SELECT max(rid) FROM part) AS last, ARRAY(SELECT self FROM part WHERE strpos(content, $2) > 0 AND content ~ $3) AS selves`,
          [rid, name.text, name.pattern],
        ),
      );
      const found = rows[0] as { last: string | null; selves: string[] };
      for (const self of found.selves) selves.add(self);
      if (found.last === null) break;
      rid = found.last;
    }
    for (let after: [string, number] = ['-9223372036854775808', 0]; ;) {
      const { rows } = await run(
        once(
          `WITH part AS MATERIALIZED (SELECT self, version, content FROM ${t.history} WHERE (self, version) > ($1::bigint, $2::integer)
             ORDER BY self, version LIMIT ${SCANNED_ROWS})
           SELECT l.self AS last_self, l.version AS last_version,
             ARRAY(SELECT DISTINCT self FROM part WHERE strpos(content, $3) > 0 AND content ~ $4) AS selves
           FROM (SELECT self, version FROM part ORDER BY self DESC, version DESC LIMIT 1) l`,
          [...after, name.text, name.pattern],
        ),
      );
      const found = rows[0] as { last_self: string; last_version: number; selves: string[] } | undefined;
      if (found === undefined) break;
      for (const self of found.selves) selves.add(self);
      after = [found.last_self, found.last_version];
    }
    yield* this.rows(run, type, 'self', [...selves]);
  }

  /** Resources by their own keys or row ids, with their contents. */
  async *rows(
    run: Run,
    type: string,
    column: 'self' | 'rid',
    keys: readonly string[],
  ): AsyncGenerator<FoundRow[]> {
    const t = tableNames(this.#parts.schema, type);
    const last = `(SELECT h.content FROM ${t.history} h WHERE h.self = m.self AND h.id = m.id AND h.content IS NOT NULL ORDER BY h.version DESC LIMIT 1)`;
    for (const some of parts(keys, SCANNED_ROWS)) {
      const sizes = await run(
        once(
          `SELECT m.rid, octet_length(coalesce(m.content, ${last}, '')) AS size FROM ${t.resource} m WHERE m.${column} = ANY ($1::bigint[]) ORDER BY m.rid`,
          [int8Array(some)],
        ),
      );
      for (const rids of fitting(sizes.rows as { rid: string; size: number }[])) {
        const { rows } = await run(
          once(
            `SELECT m.id, m.rid, m.version, m.content, CASE WHEN m.content IS NULL THEN ${last} END AS "lastContent"
             FROM ${t.resource} m WHERE m.rid = ANY ($1::bigint[]) ORDER BY m.rid`,
            [int8Array(rids)],
          ),
        );
        yield rows as unknown as FoundRow[];
      }
    }
  }

  /** Those of some rows of which some version matches. */
  async namingAmong(
    run: Run,
    type: string,
    rids: readonly string[],
    name: NamePattern,
  ): Promise<Set<string>> {
    const t = tableNames(this.#parts.schema, type);
    const { rows } = await run(
      once(
        `SELECT m.rid FROM ${t.resource} m WHERE m.rid = ANY ($1::bigint[]) AND (m.content ~ $2
           OR EXISTS (SELECT FROM ${t.history} h WHERE h.self = m.self AND h.id = m.id AND h.content ~ $2))`,
        [int8Array(rids), name.pattern],
      ),
    );
    return new Set((rows as { rid: string }[]).map(({ rid }) => rid));
  }

  /** Row ids of resources of a type that refer to any of these now, by what is indexed. */
  async referrers(run: Run, type: string, targets: readonly ReferenceTarget[]): Promise<string[]> {
    const { schema, index, definitions } = this.#parts;
    const parameters = definitions.searchParameters(type).filter(({ type: kind }) => kind === 'reference');
    const found = new Set<string>();
    for (const [target, ofTarget] of Map.groupBy(targets, (one) => one.type)) {
      const paths = new Set<Key>();
      for (const parameter of parameters) {
        if (parameter.target?.includes(target) === false || !index.plan(type, parameter)) continue;
        for (const path of index.referencePaths(type, parameter))
          if (path.target === undefined || path.target === target) paths.add(path.path);
      }
      if (paths.size === 0) continue;
      for (const some of parts(ofTarget, TARGETS_MAX)) {
        const keys = some.flatMap(({ self }) => Array.from(paths, (path) => self ^ path));
        const text = `SELECT m.rid FROM ${tableNames(schema, type).resource} m WHERE m.keys && $1::bigint[]`;
        const { rows } = await run(once(text, [int8Array(keys)]));
        for (const { rid } of rows as { rid: string }[]) found.add(rid);
      }
    }
    return [...found];
  }

  /** Ids of Binaries that any version of these resources has in its text. @param pattern with the id as its only group */
  async binariesOf(run: Run, type: string, rids: readonly string[], pattern: string): Promise<string[]> {
    const t = tableNames(this.#parts.schema, type);
    const ids = new Set<string>();
    for (const some of parts(rids, TARGETS_MAX)) {
      const { rows } = await run(
        once(
          `SELECT DISTINCT r.found[1] AS id FROM ${t.resource} m
             CROSS JOIN LATERAL (SELECT m.content UNION ALL SELECT h.content FROM ${t.history} h WHERE h.self = m.self AND h.id = m.id) v(content)
             CROSS JOIN LATERAL regexp_matches(v.content, $2, 'g') r(found)
           WHERE m.rid = ANY ($1::bigint[]) AND strpos(v.content, 'Binary/') > 0`,
          [int8Array(some), pattern],
        ),
      );
      for (const { id } of rows as { id: string }[]) ids.add(id);
    }
    return [...ids];
  }

  /** Those of the Binaries that some current resource has in its text, other than these ones. */
  async binariesUsed(
    run: Run,
    ids: readonly string[],
    pattern: string,
    besides: (type: string) => readonly string[],
  ): Promise<Set<string>> {
    const used = new Set<string>();
    for (const type of await this.types()) {
      const { resource } = tableNames(this.#parts.schema, type);
      const { rows } = await run(
        once(
          `SELECT DISTINCT r.found[1] AS id FROM ${resource} m CROSS JOIN LATERAL regexp_matches(m.content, $1, 'g') r(found)
           WHERE strpos(m.content, 'Binary/') > 0 AND r.found[1] = ANY ($2::text[])
             AND m.rid <> ALL ($3::bigint[])`,
          [pattern, textArray(ids), int8Array(besides(type))],
        ),
      );
      for (const { id } of rows as { id: string }[]) used.add(id);
    }
    return used;
  }

  /** Row ids, by type, of what was written at that time or later. */
  async changedSince(run: Run, since: Date): Promise<Map<string, string[]>> {
    const text = `SELECT DISTINCT type, rid FROM "${this.#parts.schema}".changes WHERE last_updated >= $1`;
    const { rows } = await run(once(text, [since]));
    const byType = Map.groupBy(rows as { type: string; rid: string }[], ({ type }) => type);
    return new Map([...byType].map(([type, ofType]) => [type, ofType.map(({ rid }) => rid)]));
  }
}

/** Groups of rows whose contents are read together. */
function fitting(rows: readonly { rid: string; size: number }[]): string[][] {
  const groups: string[][] = [];
  let left = -1;
  for (const { rid, size } of rows) {
    left -= size;
    if (left < 0) {
      groups.push([]);
      left = CONTENT_CHARS_MAX - size;
    }
    groups.at(-1)!.push(rid);
  }
  return groups;
}
