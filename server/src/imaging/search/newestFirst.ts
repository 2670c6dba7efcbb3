import type { StudyOfPatient } from '../../records/imagingStudies.ts';

/** Studies of two searches as of one: each once, the newest first. @param searches each with its newest first */
export async function* newestFirst(
  searches: readonly [AsyncIterator<StudyOfPatient>, AsyncIterator<StudyOfPatient>],
): AsyncGenerator<StudyOfPatient> {
  const seen = new Set<string>();
  const [one, other] = searches;
  let [a, b] = [await one.next(), await other.next()];
  while (!a.done || !b.done) {
    const isFirst = !a.done && (b.done === true || startedMs(a.value) >= startedMs(b.value));
    const { study } = (isFirst ? a : b).value as StudyOfPatient;
    if (!seen.has(study.id!)) yield (isFirst ? a : b).value as StudyOfPatient;
    seen.add(study.id!);
    if (isFirst) a = await one.next();
    else b = await other.next();
  }
}

/** One of which nobody knows when it was made comes last, as a search has it. */
function startedMs({ study: { started = '' } }: StudyOfPatient): number {
  const ms = Date.parse(started);
  return Number.isNaN(ms) ? -Infinity : ms;
}
