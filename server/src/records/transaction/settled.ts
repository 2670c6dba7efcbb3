import type { CriteriaMatch } from '../../store/conditional/transactionView.ts';
import type { ExpectedVersion } from '../../store/resource/types.ts';

/** What is said, or done, when a version is not the expected one. */
export type OnMismatch =
  /** The client named that version: 412. */
  | 'refuse'
  /** There is a resource under the id that criteria did not find: 409. */
  | 'conflict'
  /** It was found, and others have changed it since: everything begins anew. */
  | 'again';

interface Expecting {
  expectedVersion?: ExpectedVersion;
  onMismatch: OnMismatch;
}

/** A resource under an id that may exist already. */
export type PutTarget = Expecting & { id: string };

/** What an operation comes down to, once it is known which resources it means. */
export type Settled =
  /** A new resource under an id of ours, by POST. */
  | { does: 'create'; id: string }
  /** Nothing: it is there already. */
  | { does: 'keep'; match: CriteriaMatch }
  /** Nothing: an earlier operation of the same transaction makes it. */
  | { does: 'share'; id: string; with: number }
  | ({ does: 'put' } & PutTarget)
  | ({ does: 'patch' } & PutTarget)
  | { does: 'delete'; targets: PutTarget[] }
  | { does: 'read'; id: string };

/** The one resource that an operation comes down to; undefined for deletions. */
export function targetId(settled: Settled): string | undefined {
  if (settled.does === 'keep') return settled.match.id;
  return 'id' in settled ? settled.id : undefined;
}

/** Ids of the resources that may be there already and are written anew, or deleted. */
export function rewrittenIds(settled: Settled): string[] {
  if (settled.does === 'delete') return settled.targets.map(({ id }) => id);
  return settled.does === 'put' || settled.does === 'patch' ? [settled.id] : [];
}
