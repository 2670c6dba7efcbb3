import { setTimeout as sleep } from 'node:timers/promises';
import { isId } from '../../fhir/id.ts';
import { parseJson, type ParsedJson } from '../../fhir/json/parse.ts';
import { FhirError, errorIssue, isBusy, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Caller } from '../../records/caller.ts';
import type { ContentRecords } from '../../records/contents.ts';
import type { Records } from '../../records/records.ts';

/** Issues of one line that are reported. */
const ISSUES_MAX = 10;
/** Waits before a line is tried again while the database is away; each is twice as long as the one before. */
const RETRY_MS = { first: 250, longest: 5_000 };

/** A line that can be stored. */
export interface Line {
  id: string;
  body: ParsedJson;
}

/** What became of a line. */
export type LineOutcome = 'stored' | 'blank' | readonly Issue[];

export interface LineParts {
  records: Pick<Records, 'update'>;
  contents: Pick<ContentRecords, 'holds'>;
  /** Told of errors that are defects; must not log content. */
  onDefect(error: unknown): void;
}

/**
 * One line of NDJSON: a resource of the type, with its id.
 *
 * @param source its `meta.source` where it has none
 */
export function readLine(bytes: Buffer, type: string, source: string | undefined): Line | readonly Issue[] {
  let body: ParsedJson;
  try {
    body = parseJson(bytes);
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    throw error;
  }
  const { resourceType, id } = (body.value ?? {}) as Partial<Resource>;
  if (resourceType !== type) {
    const text = `The line is no ${type}, as the import said: put each type into files of its own.`;
    return [errorIssue('invalid', text, 'resourceType')];
  }
  if (typeof id !== 'string' || !isId(id)) {
    const text = 'The resource needs an id of 1 to 64 letters, digits, dashes and dots: it is kept.';
    return [errorIssue('required', text, `${type}.id`)];
  }
  if (source !== undefined) {
    addSource(body.value as Resource, source);
    if (body.exact !== body.value) addSource(body.exact as Resource, source);
  }
  return { id, body };
}

/** Where the resource does not say itself where it comes from, what the import says. A `meta` that is none is left to be refused. */
function addSource(resource: Resource, source: string): void {
  const meta: unknown = resource.meta ?? {};
  if (typeof meta !== 'object' || Array.isArray(meta)) return;
  if ((meta as JsonObject).source === undefined) resource.meta = { ...(meta as JsonObject), source };
}

/**
 * Stores a line, however long the database is away.
 *
 * @param mayBeStored whether an earlier run may have stored it; then it is not stored again
 * @throws the signal's reason
 */
export async function storeLine(
  parts: LineParts,
  callerNow: () => Promise<Caller>,
  type: string,
  { id, body }: Line,
  mayBeStored: boolean,
  signal: AbortSignal,
): Promise<LineOutcome> {
  const { records, contents, onDefect } = parts;
  let looksFirst = mayBeStored;
  for (let waitMs = RETRY_MS.first; ; waitMs = Math.min(2 * waitMs, RETRY_MS.longest)) {
    signal.throwIfAborted();
    try {
      const caller = await callerNow();
      if (!looksFirst || !(await contents.holds(caller, type, id, body)))
        await records.update(caller, type, id, body);
      return 'stored';
    } catch (error) {
      if (!passes(error)) return issuesOf(error, onDefect);
    }
    looksFirst = true; // the answer may be all that was lost
    await sleep(waitMs, undefined, { signal });
  }
}

function issuesOf(error: unknown, onDefect: LineParts['onDefect']): readonly Issue[] {
  if (error instanceof FhirError) return error.issues.slice(0, ISSUES_MAX);
  onDefect(error);
  const text = 'The server failed on this line; the fault is in its log under the id of the job.';
  return [errorIssue('exception', text)];
}

/** SQLSTATE classes of what PostgreSQL has too little of, and of statements that ran out of time or into each other. */
const PASSING_STATES = /^(53...|57014|40...|55P03)$/;

/** Whether the same line may be stored later. */
function passes(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return isBusy(error) || (typeof code === 'string' && PASSING_STATES.test(code));
}
