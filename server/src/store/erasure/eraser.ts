import { auditInsert, type AuditRow } from '../audit/auditRow.ts';
import { AuditRows } from '../audit/auditRows.ts';
import { hashOf } from '../identity/artifacts.ts';
import { channelOf, ADMINISTRATION_NOTICE } from '../identity/revocation.ts';
import type { IndexQuery } from '../index/query.ts';
import { int8Array, textArray } from '../resource/binaryArray.ts';
import { hasOrderedRows } from '../resource/replaceSideRows.ts';
import { tableNames } from '../schema/names.ts';
import { once, parts, type Run } from './types.ts';

/** Resources that one statement removes. */
const ROWS_PER_STATEMENT = 500;
/** Names that the lines of jobs are compared with by one statement. */
const NAMES_PER_STATEMENT = 20_000;

/** What was removed of a type. */
export interface ErasedCount {
  resources: number;
  versions: number;
}

/**
 * Removes rows for good, in an open transaction: of resources all versions and all that they are found by, of users what they prove
 * themselves with, of jobs what they keep. Nothing says afterwards that it was there.
 */
export class Eraser {
  readonly #schema: string;
  readonly #index: IndexQuery;

  constructor(schema: string, index: IndexQuery) {
    this.#schema = schema;
    this.#index = index;
  }

  /** Keeps others from writing anything until the end of the transaction. */
  async stopWrites(run: Run): Promise<void> {
    await run(once(`LOCK TABLE "${this.#schema}".changes IN SHARE MODE`));
  }

  /** @param rids row ids of resources of the type */
  async eraseResources(run: Run, type: string, rids: readonly string[]): Promise<ErasedCount> {
    const count = { resources: 0, versions: 0 };
    const sorted = rids.toSorted((a, b) => Number(a) - Number(b));
    for (const some of parts(sorted, ROWS_PER_STATEMENT)) {
      const values = [int8Array(some)];
      // By itself: a writer that was waited for has left rows that only the next statement sees.
      const { resource } = tableNames(this.#schema, type);
      await run(
        once(`SELECT 1 FROM ${resource} WHERE rid = ANY ($1::bigint[]) ORDER BY rid FOR UPDATE`, values),
      );
      const { rows } = await run(once(eraseSql(this.#schema, type), values));
      const erased = rows[0] as { resources: number; versions: number };
      count.resources += erased.resources;
      count.versions += erased.versions;
    }
    return count;
  }

  /** How many versions such resources have. */
  async versions(run: Run, type: string, rids: readonly string[]): Promise<number> {
    const text = `SELECT coalesce(sum(version), 0)::float8 AS versions FROM ${tableNames(this.#schema, type).resource} WHERE rid = ANY ($1::bigint[])`;
    const { rows } = await run(once(text, [int8Array(rids)]));
    return (rows[0] as { versions: number }).versions;
  }

  /**
   * Takes the content of superseded versions that match: what is left says that there was a version, and when.
   *
   * @returns how many
   */
  async purgeVersions(run: Run, type: string, id: string, pattern: string): Promise<number> {
    const t = tableNames(this.#schema, type);
    const { rows } = await run(
      once(
        `WITH purged AS (
           UPDATE ${t.history} SET content = NULL, method = 'D' WHERE self = $1 AND id = $2 AND content ~ $3 RETURNING version, last_updated),
         changed AS (
           UPDATE "${this.#schema}".changes c SET method = 'D' FROM purged p, ${t.resource} m
           WHERE m.self = $1 AND m.id = $2 AND c.type = $4 AND c.last_updated = p.last_updated AND c.rid = m.rid AND c.version = p.version)
         SELECT count(*)::integer AS purged FROM purged`,
        [this.#index.selfKey(type, id), id, pattern, type],
      ),
    );
    return (rows[0] as { purged: number }).purged;
  }

  /** Forgets which blobs Binaries had, and notes these for removal. @returns how many */
  async releaseBlobs(run: Run, binaryIds: readonly string[]): Promise<number> {
    const { rows } = await run(
      once(
        `WITH gone AS (DELETE FROM "${this.#schema}".binary_blob WHERE id = ANY ($1::text[]) RETURNING key),
         noted AS (INSERT INTO "${this.#schema}".erased_blob (key) SELECT key FROM gone ON CONFLICT DO NOTHING)
         SELECT count(*)::integer AS blobs FROM gone`,
        [textArray(binaryIds)],
      ),
    );
    return (rows[0] as { blobs: number }).blobs;
  }

  /** How many blobs Binaries have. */
  async blobs(run: Run, binaryIds: readonly string[]): Promise<number> {
    const text = `SELECT count(*)::integer AS blobs FROM "${this.#schema}".binary_blob WHERE id = ANY ($1::text[])`;
    const { rows } = await run(once(text, [textArray(binaryIds)]));
    return (rows[0] as { blobs: number }).blobs;
  }

  /** All that users prove themselves with, and that they were given; every server of the store hears of it. */
  async eraseAccounts(run: Run, userIds: readonly string[]): Promise<void> {
    if (userIds.length === 0) return;
    const owners = userIds.map((id) => `User/${id}`);
    const channel = channelOf(this.#schema);
    for (const [table, column, values] of [
      ['identity_secret', 'owner', owners],
      ['identity_credential', 'account', userIds],
      ['identity_artifact', 'account', userIds],
      ['job', 'owner', owners],
    ] as const) {
      const text = `DELETE FROM "${this.#schema}".${table} WHERE ${column} = ANY ($1::text[])`;
      await run(once(text, [textArray(values)]));
    }
    // From where they have signed in: of no account, found by its hash alone.
    const hashes = userIds.map((id) => hashOf('KnownSignIns', id));
    const known = `DELETE FROM "${this.#schema}".identity_artifact WHERE hash = ANY ($1::bytea[])`;
    await run(once(known, [hashes]));
    const notices = [...userIds.map((id) => `account ${id}`), ADMINISTRATION_NOTICE];
    await run(once('SELECT pg_notify($1, n) FROM unnest($2::text[]) n', [channel, textArray(notices)]));
  }

  /**
   * Lines of jobs that name any of these resources, and jobs that have ended and name them in their request or result.
   *
   * @param names `Type/id`
   */
  async eraseFromJobs(run: Run, names: readonly string[]): Promise<void> {
    const job = `"${this.#schema}".job`;
    const namesAny = (column: string) =>
      `EXISTS (SELECT FROM regexp_matches(${column}, '[A-Z][A-Za-z]{1,40}/[A-Za-z0-9.-]{1,64}', 'g') r(found) WHERE r.found[1] = ANY ($1::text[]))`;
    for (const some of parts(names, NAMES_PER_STATEMENT)) {
      const values = [textArray(some)];
      await run(once(`DELETE FROM ${job}_line WHERE ${namesAny('line')}`, values));
      await run(
        once(
          `DELETE FROM ${job} WHERE finished IS NOT NULL AND (${namesAny("coalesce(result, '')")} OR ${namesAny('request')})`,
          values,
        ),
      );
    }
  }

  /** Which records were opened in an emergency: those of the patient, and by these users. The audit log keeps it. */
  async eraseEmergencies(run: Run, patient: string, userIds: readonly string[]): Promise<void> {
    const accounts = userIds.map((id) => `User/${id}`);
    const text = `DELETE FROM "${this.#schema}".emergency_access WHERE patient = $1 OR account = ANY ($2::text[])`;
    await run(once(text, [patient, textArray(accounts)]));
  }

  /** Events of these resources, and what waits for those of Subscriptions among them. */
  async eraseEvents(run: Run, type: string, ids: readonly string[]): Promise<void> {
    const text = `DELETE FROM "${this.#schema}".event_delivery WHERE type = $1 AND id = ANY ($2::text[])`;
    await run(once(text, [type, textArray(ids)]));
    if (type !== 'Subscription') return;
    const subscriptions = `DELETE FROM "${this.#schema}".event_subscription WHERE id = ANY ($1::text[])`;
    await run(once(subscriptions, [textArray(ids)]));
  }

  /** Rows of the audit log, by themselves. */
  async record(run: Run, rows: readonly AuditRow[]): Promise<void> {
    if (rows.length === 0) return;
    await run(once(auditInsert({ schema: this.#schema, first: 1 }), AuditRows.of(rows).parameters()));
  }
}

/** Statement text that removes resources of a type by their row ids, which must be locked by an earlier statement. */
function eraseSql(schema: string, type: string): string {
  const t = tableNames(schema, type);
  // Ordered rows are found by key, as updates find them: the table has no index of row ids.
  const ordered = hasOrderedRows(type)
    ? `, ordered AS (
  DELETE FROM ${t.ordered} o USING main m
  WHERE o.key = ANY (m.keys || ARRAY(SELECT k # m.pat FROM unnest(m.keys) k WHERE m.pat IS NOT NULL))
    AND o.date = coalesce(m.date_lo, '-infinity') AND o.rid = m.rid)`
    : '';
  return `WITH main AS (
  DELETE FROM ${t.resource} WHERE rid = ANY ($1::bigint[]) RETURNING self, rid, id, pat, date_lo, keys, last_updated, version),
history AS (
  DELETE FROM ${t.history} h USING main m WHERE h.self = m.self AND h.id = m.id RETURNING m.rid, h.last_updated, h.version),
versions AS (
  SELECT rid, last_updated, version FROM main UNION ALL SELECT * FROM history),
strings AS (DELETE FROM ${t.strings} WHERE rid = ANY ($1::bigint[])),
ranges AS (DELETE FROM ${t.ranges} WHERE rid = ANY ($1::bigint[])),
change AS (
  DELETE FROM "${schema}".changes c USING versions v
  WHERE c.type = '${type}' AND c.last_updated = v.last_updated AND c.rid = v.rid AND c.version = v.version)${ordered}
SELECT (SELECT count(*) FROM main)::integer AS resources, (SELECT count(*) FROM versions)::integer AS versions`;
}
