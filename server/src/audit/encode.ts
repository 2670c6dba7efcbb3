import type { AuditRow } from '../store/audit/auditRow.ts';
import type { AuditKeys } from './auditKeys.ts';
import { EVENTS, eventName } from './events.ts';
import type { AuditAgent, AuditRecord, Outcome, TransferredStudy } from './record.ts';

/** Patients or resources of one record; what is about more becomes several records. */
export const NAMED_MAX = 200;
/** Characters of the query and of other texts that are kept; longer ones are cut and end with `…`. */
export const QUERY_CHARS_MAX = 8_192;
export const TEXT_CHARS_MAX = 1_024;
const CUT_MARK = '…';

/** What a row carries besides its columns. One letter each: every access makes a row. */
interface Payload {
  /** client */ c?: string;
  /** user */ u?: string;
  /** userName */ n?: string;
  /** profile */ p?: string;
  /** roles */ l?: readonly string[];
  /** onBehalfOf */ b?: string;
  /** purposes */ w?: readonly string[];
  /** address */ a?: string;
  /** requestId */ i?: string;
  /** patients */ P?: readonly string[];
  /** resources */ R?: readonly string[];
  /** query */ q?: string;
  /** outcomeText */ t?: string;
  /** breakGlass */ g?: string;
  /** observer */ o?: string;
  /** studies */ s?: readonly TransferredStudy[];
}

/** A record with its place in the log: places count up, with gaps. */
export interface PlacedRecord {
  place: number;
  record: AuditRecord;
}

/** Records that each name at the most `NAMED_MAX` patients and resources, and together all of them. */
export function fitting(record: AuditRecord): AuditRecord[] {
  const { patients, resources } = record;
  const parts = Math.max(1, Math.ceil(Math.max(patients.length, resources.length) / NAMED_MAX));
  if (parts === 1) return [record];
  return Array.from({ length: parts }, (_, i) => {
    const part = <T>(all: readonly T[]) => all.slice(i * NAMED_MAX, (i + 1) * NAMED_MAX);
    return { ...record, patients: part(patients), resources: part(resources) };
  });
}

/** The text of a record: all of it but what a row has columns for. */
export function payloadOf(record: AuditRecord): string {
  const { agent, patients, resources } = record;
  const payload: Payload = {};
  if (agent.client !== undefined) payload.c = plain(agent.client);
  if (agent.user !== undefined) payload.u = plain(agent.user);
  if (agent.userName !== undefined) payload.n = plain(agent.userName);
  if (agent.profile !== undefined) payload.p = plain(agent.profile);
  if (agent.roles?.length) payload.l = agent.roles.map((role) => plain(role));
  if (agent.onBehalfOf !== undefined) payload.b = plain(agent.onBehalfOf);
  if (agent.purposes?.length) payload.w = agent.purposes.map((purpose) => plain(purpose));
  if (record.address !== undefined) payload.a = plain(record.address);
  if (record.requestId !== undefined) payload.i = plain(record.requestId);
  if (patients.length > 0) payload.P = patients.map((id) => plain(id));
  if (resources.length > 0) payload.R = resources.map((one) => plain(one));
  if (record.query !== undefined) payload.q = plain(record.query, QUERY_CHARS_MAX);
  if (record.outcomeText !== undefined) payload.t = plain(record.outcomeText);
  if (record.breakGlass !== undefined) payload.g = plain(record.breakGlass);
  if (record.observer !== undefined) payload.o = plain(record.observer);
  if (record.studies?.length) payload.s = record.studies;
  return JSON.stringify(payload);
}

/** The row of a record. @param version of its one resource, where `resources` does not name it */
export function rowOf(record: AuditRecord, keys: AuditKeys, version: number | null = null): AuditRow {
  return {
    recordedMs: record.recordedMs,
    kind: EVENTS[record.event].number,
    outcome: record.outcome,
    version,
    ...keys.of(record),
    payload: payloadOf(record),
  };
}

/** The record of a row. */
export function recordOf(row: Omit<AuditRow, 'keys' | 'shown'>): AuditRecord {
  const payload = JSON.parse(row.payload) as Payload;
  const { c, u, n, p, l, b, w, a, i, q, t, g, o, s, P: patients = [], R: resources = [] } = payload;
  const agent: AuditAgent = {
    ...(c !== undefined && { client: c }),
    ...(u !== undefined && { user: u }),
    ...(n !== undefined && { userName: n }),
    ...(p !== undefined && { profile: p }),
    ...(l !== undefined && { roles: l }),
    ...(b !== undefined && { onBehalfOf: b }),
    ...(w !== undefined && { purposes: w }),
  };
  return {
    recordedMs: row.recordedMs,
    event: eventName(row.kind),
    outcome: row.outcome as Outcome,
    agent,
    patients,
    resources: row.version === null ? resources : resources.map((one) => `${one}/_history/${row.version}`),
    ...(a !== undefined && { address: a }),
    ...(i !== undefined && { requestId: i }),
    ...(q !== undefined && { query: q }),
    ...(t !== undefined && { outcomeText: t }),
    ...(g !== undefined && { breakGlass: g }),
    ...(o !== undefined && { observer: o }),
    ...(s !== undefined && { studies: s }),
  };
}

/** A text of a client's as PostgreSQL can keep it, and not longer than it may be. */
function plain(text: string, charsMax = TEXT_CHARS_MAX): string {
  if (text.length <= charsMax && !text.includes('\u0000') && text.isWellFormed()) return text;
  const short = text.length > charsMax ? text.slice(0, charsMax - CUT_MARK.length) + CUT_MARK : text;
  return short.replaceAll('\u0000', '\ufffd').toWellFormed();
}
