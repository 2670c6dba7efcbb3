import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { readLines } from '../../fhir/json/lines.ts';
import { errorIssue } from '../../fhir/outcome.ts';
import type { JobContext } from '../../records/jobs/kind.ts';
import { DownloadError, download, type DownloadTimes } from './download.ts';
import { readLine, storeLine, type LineParts } from './line.ts';
import { LINES_AHEAD_MAX, LineWindow, type FileState, type LineFault } from './lineWindow.ts';
import type { ImportInput } from './request.ts';
import type { ImportSources } from './sources.ts';

/** Bytes of one line. */
export const IMPORT_LINE_BYTES_MAX = 16 * 2 ** 20;
/** How often a file is asked for without getting further. */
const TRIES_MAX = 3;
/** How long lines are read and parsed before others get their turn. */
const TURN_MS = 5;

export interface FileParts extends LineParts {
  sources: ImportSources;
  times: DownloadTimes;
  /** Before a file is asked for again. */
  retryMs: number;
}

/** How far a file is, with what tells whether it is still the same one. */
export interface ImportedFile extends FileState {
  /** What the source said of its version. */
  version?: string;
  /** There is nothing left to do. */
  hasEnded?: true;
}

export interface FileImport {
  input: ImportInput;
  /** `meta.source` of resources that have none. */
  source: string | undefined;
  state: ImportedFile;
  /** Whether an earlier run may have stored lines beyond the state. */
  isResumed: boolean;
  /** Makes the state durable, with the faults that belong to it. */
  save(faults: LineFault[]): Promise<void>;
}

/**
 * Imports a file, from where it stands to its end. What is wrong with a line, or with the file, is a fault of it and no error.
 *
 * @throws the signal's reason, and what keeps the job from going on
 */
export async function importFile(parts: FileParts, context: JobContext, file: FileImport): Promise<void> {
  const { state, save } = file;
  const doubtUpTo = file.isResumed ? state.lines + LINES_AHEAD_MAX : 0;
  for (let tries = 1; ; tries++) {
    const before = state.lines;
    try {
      await readThrough(parts, context, file, doubtUpTo);
      return;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof DownloadError)) throw error;
      if (state.lines > before) tries = 0;
      if (!error.passing || tries === TRIES_MAX) {
        const number = state.lines + 1;
        state.faults++;
        state.hasEnded = true;
        const text = `${error.message} The import of this file ends after ${state.lines} lines.`;
        return save([{ number, issues: [errorIssue('processing', text)] }]);
      }
    }
    await sleep(parts.retryMs, undefined, { signal: context.signal });
  }
}

async function readThrough(
  parts: FileParts,
  { caller, signal }: JobContext,
  { input: { type, url }, source, state, save }: FileImport,
  doubtUpTo: number,
): Promise<void> {
  const done = state.lines;
  const window = new LineWindow(state, save);
  try {
    let number = 0;
    let turnEndsMs = performance.now() + TURN_MS;
    for await (const bytes of readLines(await open(parts, url, state, signal), IMPORT_LINE_BYTES_MAX)) {
      signal.throwIfAborted();
      if (performance.now() > turnEndsMs) {
        await nextTurn();
        turnEndsMs = performance.now() + TURN_MS;
      }
      if (++number <= done) continue;
      const line = bytes === undefined ? TOO_LONG : isBlank(bytes) ? 'blank' : readLine(bytes, type, source);
      if (line === 'blank' || !('id' in line)) {
        await window.room(number);
        window.note(number, line);
        continue;
      }
      const size = bytes?.length ?? 0;
      await window.room(number, size, line.id);
      const mayBeStored = number <= doubtUpTo;
      window.start(number, size, line.id, () => storeLine(parts, caller, type, line, mayBeStored, signal));
    }
    if (number < done) throw changed();
  } finally {
    await window.end();
  }
}

/** @throws DownloadError, also when the file is another one than before */
async function open(
  { sources, times }: FileParts,
  url: string,
  state: ImportedFile,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const allowed = allowedUrl(sources, url);
  const { version, chunks } = await download(allowed, signal, times);
  if (state.lines > 0 && state.version !== version) throw changed();
  if (version !== undefined) state.version = version;
  return chunks;
}

/** Again, since the operator may have changed what is allowed, or another server may have accepted the job. */
function allowedUrl(sources: ImportSources, url: string): URL {
  try {
    return sources.require(url);
  } catch (error) {
    throw new DownloadError((error as Error).message, false);
  }
}

const changed = () => new DownloadError('The file is not the one that was begun: import it anew.', false);

const TOO_LONG = [
  errorIssue(
    'too-long',
    `The line has more than ${IMPORT_LINE_BYTES_MAX} bytes: no resource may be so large.`,
  ),
];

const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
