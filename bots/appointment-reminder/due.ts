import type { QuietHours } from '../lib/person/quietHours.ts';
import { quietAround } from '../lib/person/quietHours.ts';

const MINUTE_MS = 60_000;
/** A reminder that goes out before quiet hours does so with this to spare, for what makes and sends it. */
const BEFORE_QUIET_MS = 30 * MINUTE_MS;
/** After an outage, a reminder is still sent so much later. */
const LATE_MAX_MS = 6 * 60 * MINUTE_MS;
/** Whoever has changed an appointment so long after a reminder was due has told of it by that. */
const CHANGED_MS = 15 * MINUTE_MS;

/**
 * When a reminder is due: so long before the start, or, where that falls into quiet hours, after them if at least half of the time to the
 * start is left, else before them.
 */
export function dueMs(startMs: number, leadMs: number, quietHours: QuietHours, timeZone: string): number {
  const plainMs = startMs - leadMs;
  const quiet = quietAround(plainMs, quietHours, timeZone);
  if (!quiet) return plainMs;
  return startMs - quiet.endMs >= leadMs / 2 ? quiet.endMs : quiet.startMs - BEFORE_QUIET_MS;
}

export interface Planned {
  startMs: number;
  leadMs: number;
  dueMs: number;
  /** When the appointment was written last. */
  writtenMs: number;
}

/** Is it time to remind: due, not too late to be of use, and not just booked or moved, which was told already? */
export function isTimeToRemind({ startMs, leadMs, dueMs: due, writtenMs }: Planned, nowMs: number): boolean {
  const lastMs = Math.min(due + LATE_MAX_MS, startMs - leadMs / 4);
  return due <= nowMs && nowMs < lastMs && writtenMs <= due + CHANGED_MS;
}
