import { createHash } from 'node:crypto';
import type { Condition } from '../../fhir/search/ast.ts';
import type { Statement } from '../postgres/database.ts';
import { int8Array } from '../resource/binaryArray.ts';

/** What a conditional write may create, and for want of what. */
export interface LockedCriteria {
  type: string;
  /** All must hold. */
  conditions: readonly Condition[];
  /** Values of the identifiers of the resource that is made where nothing is found, or takes the place of what is. */
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
 * Each identifier that is asked for by its value is a lock, whatever its system, and so is each that the resource will have: what
 * one makes and another looks for by an identifier meets at a lock. All hold a shared lock on their type, which those that ask
 * for anything else take alone: there is no telling which criteria a resource satisfies that others may ask by.
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

/** None where the criteria ask for something else than identifiers, or for what is not known yet. */
function lockedValues({ conditions, identifiers, unsettled }: LockedCriteria): string[] {
  const isSettled = (value: string) => !unsettled.some((placeholder) => value.includes(placeholder));
  const asked = conditions.flatMap((condition) => {
    const values = askedIdentifiers(condition);
    return values.every(isSettled) ? values : [];
  });
  return asked.length === 0 ? [] : [...asked, ...identifiers];
}

/** Values of which an identifier of each match must have one. A parameter that was added may call something else identifier. */
function askedIdentifiers(condition: Condition): string[] {
  if (condition.kind === 'and') return condition.conditions.flatMap(askedIdentifiers);
  if (condition.kind !== 'token') return [];
  const { parameter, tokens } = condition;
  if (parameter.code !== 'identifier' || parameter.added !== undefined) return [];
  const values = tokens.map(({ code }) => code);
  return values.includes(undefined) ? [] : values.map(String);
}

function lockKey(...parts: string[]): bigint {
  return createHash('sha256').update(JSON.stringify(parts)).digest().readBigInt64BE();
}
