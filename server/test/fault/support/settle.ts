import type { Answer } from '../../acceptance/support/client.ts';
import type { Attempt } from './ledger.ts';
import { versionOf } from './requests.ts';
import { learn, type WriterState } from './writerState.ts';

/** Takes note of what became of a write. */
export function settle(state: WriterState, attempt: Attempt, answer: Answer | undefined): void {
  if (attempt.outcome === 'acknowledged' && answer !== undefined) {
    const version = versionOf(answer);
    if (version !== undefined) attempt.version = version;
    if (attempt.kind !== 'delete') attempt.text = answer.text;
  }
  learn(state, attempt);
}
