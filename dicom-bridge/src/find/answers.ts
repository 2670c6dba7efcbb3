import { DIMSE_STATUS, type DimseAnswer } from '../dimse/services.ts';
import type { DataSet } from '../objects/dataSet.ts';

/**
 * The answers to a C-FIND (PS3.4 section C.4.1): one for each match, and one that says that these are all. Ends early when it is cancelled, and with
 * a failure when there are more matches than `matchesMax`, so that nobody takes some for all.
 */
export async function* findAnswers(
  matches: AsyncIterable<DataSet>,
  signal: AbortSignal,
  matchesMax: number,
): AsyncGenerator<DimseAnswer> {
  let count = 0;
  for await (const dataSet of matches) {
    if (signal.aborted) return yield { status: DIMSE_STATUS.cancelled };
    count += 1;
    if (count > matchesMax) {
      return yield {
        status: DIMSE_STATUS.outOfResources,
        comment: `More than ${matchesMax} match: ask for less.`,
      };
    }
    yield { status: DIMSE_STATUS.pending, dataSet };
  }
  yield { status: signal.aborted ? DIMSE_STATUS.cancelled : DIMSE_STATUS.success };
}
