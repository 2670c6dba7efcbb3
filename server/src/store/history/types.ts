import type { StoredVersion } from '../resource/types.ts';

/** A closed interval of time; either end may be open. */
export interface TimeSpan {
  from: Date;
  to: Date;
}

/** Which versions are asked for (http://hl7.org/fhir/R4/http.html#history). */
export interface HistoryFilter {
  /** `_since`: versions made at or after this time. */
  since?: Date;
  /** `_at`: versions that were current at some time in this span. */
  at?: TimeSpan;
  /** Most versions in the page. */
  count: number;
}

export interface HistoryEntry extends StoredVersion {
  type: string;
  /** Whether it made anew what had been deleted. */
  remade?: boolean;
}

/** A page, newest version first; `next` is where the following page begins, absent on the last. */
export interface HistoryPage<Cursor> {
  entries: HistoryEntry[];
  next?: Cursor;
}
