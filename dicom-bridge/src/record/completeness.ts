import type { Completeness, Outstanding } from '../ledger/studyLedger.ts';

export interface Progress extends Outstanding {
  /** SOP Instance UIDs of what the archive has, each with when it came. */
  objects: readonly { sopInstanceUid: string; receivedMs: number }[];
  /** SOP Instance UIDs that devices say they have made, each once; null: they have said nothing. */
  announced: readonly string[] | null;
}

export interface Judgement {
  completeness: Completeness;
  /** When it is to be judged again though nothing has come; null: never. */
  quietMs: number | null;
}

/**
 * Whether further objects of a study are to be expected. It is finished as soon as all is there that devices have announced, and nothing else;
 * otherwise when nothing has come for a while.
 *
 * @param silenceMs how long that is
 */
export function judge(
  { objects, announced, waiting, quarantined }: Progress,
  nowMs: number,
  silenceMs: number,
): Judgement {
  if (waiting > 0) return { completeness: 'arriving', quietMs: nowMs + silenceMs };
  const known = new Set(objects.map(({ sopInstanceUid }) => sopInstanceUid));
  const missing = announced?.filter((uid) => !known.has(uid)).length ?? 0;
  const isWhole = missing === 0 && quarantined === 0;
  if (isWhole && announced?.length === known.size) return { completeness: 'complete', quietMs: null };
  const quietMs = Math.max(...objects.map(({ receivedMs }) => receivedMs)) + silenceMs;
  if (nowMs < quietMs) return { completeness: 'arriving', quietMs };
  return { completeness: isWhole ? 'complete' : 'partial', quietMs: null };
}
