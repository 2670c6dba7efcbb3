import type { AuditRow } from '../audit/auditRow.ts';
import type { IndexRows } from '../index/rows.ts';
import type { ExpectedVersion } from './expectedVersion.ts';

export type { ExpectedVersion } from './expectedVersion.ts';

/** The interaction that made a version: C(reate by POST), U(pdate by PUT), D(elete). */
export type Method = 'C' | 'U' | 'D';

/** One version of a resource as the store keeps it. */
export interface StoredVersion {
  id: string;
  version: number;
  lastUpdated: Date;
  method: Method;
  /** The JSON text, exactly as it is returned to clients; null when the version is a deletion. */
  content: string | null;
}

/** A resource text with gaps where the store writes versionId and lastUpdated. */
export interface ContentParts {
  head: string;
  tail: string;
}

interface Recorded {
  /** Rows of the audit log about this write: stored with it, with the version that it makes. Absent: it is not recorded. */
  audit?: readonly AuditRow[];
}

/** A new resource with an id that the server chose. */
export interface CreateWrite extends Recorded {
  method: 'C';
  type: string;
  id: string;
  content: ContentParts;
  index: IndexRows;
  /** Revision of the index plan that `index` was made with; absent: the one that the writer knows. */
  planRevision?: number;
}

/** A resource under an id that may exist already. */
export interface PutWrite extends Recorded {
  method: 'U';
  type: string;
  id: string;
  content: ContentParts;
  index: IndexRows;
  /** Revision of the index plan that `index` was made with; absent: the one that the writer knows. */
  planRevision?: number;
  /** By If-Match, or 0 by If-None-Match: *. */
  expectedVersion?: ExpectedVersion;
}

export interface DeleteWrite extends Recorded {
  method: 'D';
  type: string;
  id: string;
  expectedVersion?: ExpectedVersion;
}

export type Write = CreateWrite | PutWrite | DeleteWrite;

/** What became of a write. */
export type WriteResult =
  | {
      applied: true;
      /** True if no live resource stood under this id before. */
      created: boolean;
      version: number;
      lastUpdated: Date;
    }
  | {
      applied: false;
      /** `mismatch`: expectedVersion is not the current version; `absent`: nothing there to delete. */
      reason: 'mismatch' | 'absent';
      /** 0 when no live resource is there. */
      currentVersion: number;
    };
