import { stat } from 'node:fs/promises';
import type { ReleaseWriter } from '../../store/terminology/releaseWriter.ts';
import { type ReleaseProgress, type ReleaseRow } from '../../store/terminology/releaseWriter.ts';
import { assembleConcept } from './assemble.ts';
import { readRecords } from './records.ts';
import type { Release, ReleaseStep } from './release.ts';

/** Rows that are written together. */
const BATCH_ROWS = 10_000;
/** Concepts that are put together at a time. */
const ASSEMBLE_CONCEPTS = 2_000;
/** Concepts whose ancestors are found at a time. */
const ANCESTOR_CONCEPTS = 5_000;

const ASSEMBLE = 'texts';
const ANCESTORS = 'ancestors';
const DONE = 'done';

/** Told of what goes on: the step, and which share of it is done. */
export type OnProgress = (step: string, share: number) => void;

/**
 * Loads a release, or goes on where an earlier run has ended.
 *
 * @param stop when it is aborted, what is under way is finished and the rest left for the next run
 * @returns how many concepts there are; `stopped`; `ready` when it was loaded before
 */
export async function loadRelease(
  writer: ReleaseWriter,
  release: Release & { version: string },
  onProgress: OnProgress,
  stop: AbortSignal,
): Promise<number | 'stopped' | 'ready'> {
  const names = [...release.steps.map(({ name }) => name), ASSEMBLE, ANCESTORS, DONE];
  const begun = await writer.begin(release.url, release.version, { step: names[0]!, done: 0, place: 0 });
  if (begun === 'ready') return 'ready';
  const { key } = begun;
  let { progress } = begun;
  const next = () => ({ ...progress, step: names[names.indexOf(progress.step) + 1]!, done: 0 });
  for (const step of release.steps) {
    if (step.name !== progress.step) continue;
    const after = await readStep(writer, key, step, progress, onProgress, stop);
    if (stop.aborted) return 'stopped';
    progress = { ...after, step: names[names.indexOf(step.name) + 1]!, done: 0 };
    await writer.write(key, [], progress);
  }
  if (progress.step === ASSEMBLE) {
    await eachStretch(progress, ASSEMBLE_CONCEPTS, stop, onProgress, async (from, to, saved) => {
      const concepts = await writer.loose(key, from, to);
      await writer.assemble(key, concepts.map(assembleConcept), saved);
    });
    if (stop.aborted) return 'stopped';
    progress = next();
  }
  if (progress.step === ANCESTORS) {
    await eachStretch(progress, ANCESTOR_CONCEPTS, stop, onProgress, (from, to, saved) =>
      writer.ancestors(key, from, to, saved),
    );
    if (stop.aborted) return 'stopped';
  }
  const { url, version, header } = release;
  return writer.finish(key, { url, version, ...header });
}

async function readStep(
  writer: ReleaseWriter,
  key: number,
  { name, file, separator, hasHeader, read }: ReleaseStep,
  begun: ReleaseProgress,
  onProgress: OnProgress,
  stop: AbortSignal,
): Promise<ReleaseProgress> {
  const { size } = await stat(file);
  const columns = hasHeader ? await headerOf(file, separator) : undefined;
  let progress = begun;
  let rows: ReleaseRow[] = [];
  const from = Math.max(begun.done, columns?.end ?? 0);
  const flush = async (done: number) => {
    progress = await writer.write(key, rows, { ...progress, done });
    rows = [];
    onProgress(name, size === 0 ? 1 : done / size);
  };
  for await (const { fields, end } of readRecords(file, separator, from)) {
    const at = (column: string | number) =>
      fields[typeof column === 'number' ? column : (columns?.places.get(column) ?? -1)] ?? '';
    rows.push(...read(at));
    if (rows.length < BATCH_ROWS) continue;
    await flush(end);
    if (stop.aborted) return progress;
  }
  await flush(size);
  return progress;
}

/** The places of the columns; a byte order mark is none of the first one's name. */
async function headerOf(
  file: string,
  separator: ReleaseStep['separator'],
): Promise<{ places: Map<string, number>; end: number }> {
  for await (const { fields, end } of readRecords(file, separator)) {
    return { places: new Map(fields.map((name, i) => [name.replace(/^\uFEFF/, ''), i])), end };
  }
  return { places: new Map(), end: 0 };
}

async function eachStretch(
  progress: ReleaseProgress,
  size: number,
  stop: AbortSignal,
  onProgress: OnProgress,
  work: (from: number, to: number, saved: ReleaseProgress) => Promise<void>,
): Promise<void> {
  // Places begin with 1.
  for (let from = progress.done; from <= progress.place && !stop.aborted; from += size) {
    const to = from + size;
    await work(from, to, { ...progress, done: to });
    onProgress(progress.step, Math.min(1, to / Math.max(1, progress.place)));
  }
}
