import { createHash } from 'node:crypto';
import type { Condition } from '../../fhir/search/ast.ts';
import type { Statement } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';

/** What a conditional write may create, and for want of what. */
export interface LockedCriteria {
  type: string;
  /** All must hold. */
  conditions: readonly Condition[];
  /** Values of the identifiers of the resource that is made where nothing is found. */
  identifiers: readonly string[];
  /** Placeholders in the conditions: for what they stand is not known yet. */
  unsettled: readonly string[];
}

/** Locks of one transaction at the most; beyond, whole types are locked. PostgreSQL has room for some thousands. */
const LOCKS_MAX = 500;

/**
 * Takes the locks that keep two conditional writes from both finding nothing; they end with the transaction. What is to
 * be found is looked for by a later statement: a snapshot taken before the lock would not see what another has made.
 *
 * Each value that a criterion asks for by equality is a lock, whatever its system, so that differently spelled criteria meet.
 * All hold a shared lock on their type, which those without such a value take alone.
 */
export function lockStatement(schema: string, criteria: readonly LockedCriteria[]): Statement {
  const locks = [...lockModes(schema, criteria)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: 'lock-criteria',
    text: `SELECT CASE WHEN shared THEN pg_advisory_xact_lock_shared(key) ELSE pg_advisory_xact_lock(key) END
           FROM unnest($1::bigint[], $2::boolean[]) AS l(key, shared)`,
    values: [int8Array(locks.map(([key]) => key)), locks.map(([, shared]) => shared)],
  };
}

/** Key of each lock, and whether it is shared. */
function lockModes(schema: string, criteria: readonly LockedCriteria[]): Map<bigint, boolean> {
  const shared = new Set<string>();
  const alone = new Set<string>();
  const values = new Map<string, string[]>();
  for (const one of criteria) {
    const own = lockedValues(one);
    if (own.length === 0) alone.add(one.type);
    else {
      shared.add(one.type);
      values.set(one.type, [...(values.get(one.type) ?? []), ...own]);
    }
  }
  const count = [...values.values()].reduce((sum, { length }) => sum + length, 0);
  const modes = new Map<bigint, boolean>();
  for (const type of shared) modes.set(lockKey(schema, type), count <= LOCKS_MAX);
  for (const type of alone) modes.set(lockKey(schema, type), false);
  if (count > LOCKS_MAX) return modes;
  for (const [type, ofType] of values) {
    for (const value of ofType) modes.set(lockKey(schema, type, value), false);
  }
  return modes;
}

function lockedValues({ conditions, identifiers, unsettled }: LockedCriteria): string[] {
  const isSettled = (value: string) => !unsettled.some((placeholder) => value.includes(placeholder));
  const values = conditions.flatMap((condition) => {
    const ofCondition = equalValues(condition);
    return ofCondition.every(isSettled) ? ofCondition : [];
  });
  const byIdentifier = values.some((value) => value.startsWith(IDENTIFIER));
  return byIdentifier ? [...values, ...identifiers.map((value) => IDENTIFIER + value)] : values;
}

const IDENTIFIER = 'identifier=';

/** `parameter=value` for each value of which a match must have one; none where the condition asks for something else. */
function equalValues(condition: Condition): string[] {
  switch (condition.kind) {
    case 'and':
      return condition.conditions.flatMap(equalValues);
    case 'id':
      return condition.ids.map((id) => `_id=${id}`);
    case 'token': {
      const { parameter, tokens } = condition;
      const codes = tokens.map(({ code }) => code);
      return codes.includes(undefined) ? [] : codes.map((code) => `${parameter.code}=${code}`);
    }
    case 'reference':
      return condition.references.map(({ value }) => `${condition.parameter.code}=${lastSegment(value)}`);
    case 'uri':
      return condition.match === 'exact'
        ? condition.uris.map((uri) => `${condition.parameter.code}=${lastSegment(uri)}`)
        : [];
    default:
      return [];
  }
}

/** The same for `1`, `Patient/1`, `Patient/1/_history/2` and an absolute URL, with or without a version of a canonical. */
function lastSegment(reference: string): string {
  const [url] = reference.split(/[|#]|\/_history\//);
  return url!.slice(url!.lastIndexOf('/') + 1);
}

function lockKey(...parts: string[]): bigint {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readBigInt64BE();
}
