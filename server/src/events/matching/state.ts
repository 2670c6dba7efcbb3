import type { Candidate } from '../../records/events/criteria.ts';
import type { Interaction } from '../topics/topic.ts';

/** A change as it is compared with what is asked for. */
export interface StateChange {
  type: string;
  interaction: Interaction;
  /** Absent after a deletion. */
  current?: Candidate;
  /** Absent before a creation, and where nobody asked for it. */
  previous?: Candidate;
}

/** What filters of subscribers are asked of: the resource, or after its deletion what it was. */
export const focusOf = ({ current, previous }: StateChange): Candidate | undefined => current ?? previous;
