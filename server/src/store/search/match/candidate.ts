import type { IndexRows } from '../../index/rows.ts';
import type { ConditionContext } from '../conditions/context.ts';
import type { KeyContext } from '../conditions/keyTerms.ts';

/** A resource that is compared with a search in memory: what an ordinary one is compared with in SQL. */
export interface Candidate {
  /** As written: a contained resource may have none. */
  id: string | undefined;
  /** It stands in another resource: then its id is unique only there. */
  isContained: boolean;
  /** Plain JSON. */
  resource: unknown;
  rows: IndexRows;
}

/** Whether a resource of the type satisfies a condition. */
export type Matcher = (candidate: Candidate) => boolean;

export type MatchContext = KeyContext & Pick<ConditionContext, 'nowMs'>;
