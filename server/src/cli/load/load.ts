import path from 'node:path';
import { commandClient, dataDir } from '../administrator.ts';
import { Journal, loadIdentity } from './journal.ts';
import { readOptions, USAGE, type LoadOptions } from './options.ts';
import { count, rate, showProgress, type Output, type Tally } from './progress.ts';
import { PATIENCE, type Patience } from './retry.ts';
import { Run } from './run.ts';
import { RefusedError, signInAs, type Authorize } from '../signIn.ts';
import { UsageError } from '../usageError.ts';

/** Where `load` writes: the summary to `stdout`, progress and failures to `stderr`. */
export interface LoadIo {
  stdout: Output;
  stderr: Output;
}

export interface LoadSettings {
  patience?: Patience;
  /** Instead of the client that the options and the data folder name. */
  authorize?: Authorize;
  /** Aborted when nothing more is to be sent. */
  stop?: AbortSignal;
}

/** `stopped`: as shells have it after Ctrl+C. */
const EXIT = { ok: 0, failed: 1, usage: 2, stopped: 130 } as const;

/**
 * The command `maxray load PATH...`: loads FHIR files, archives and folders into a running server.
 * @returns the exit code: 0 when all is stored, 1 when anything is not, 2 when the command is not understood, 130 when it was stopped
 */
export async function runLoad(
  args: string[],
  io: LoadIo = process,
  settings: LoadSettings = {},
): Promise<number> {
  try {
    const options = readOptions(args);
    if (options) return await load(options, io, settings);
    io.stdout.write(USAGE);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n\n${USAGE}`);
    return EXIT.usage;
  }
}

async function load(options: LoadOptions, io: LoadIo, settings: LoadSettings): Promise<number> {
  const { patience = PATIENCE, stop = new AbortController().signal } = settings;
  const startMs = performance.now();
  const authorize = settings.authorize ?? (await signIn(options));
  const journal = openJournal(options);
  const run = new Run({ options, journal, patience, stop, authorize });
  const progress = showProgress(run.tally, io.stderr);
  try {
    await run.all();
  } finally {
    progress.stop();
    run.close();
  }
  const isWhole = run.tally.errors === 0 && !stop.aborted;
  if (isWhole) journal.remove();
  else journal.close();
  writeFailures(run, io.stderr);
  if (stop.aborted) io.stderr.write('Stopped: the same command goes on with the rest.\n');
  io.stdout.write(summary(run.tally, (performance.now() - startMs) / 1000));
  if (stop.aborted) return EXIT.stopped;
  return isWhole ? EXIT.ok : EXIT.failed;
}

/** @throws UsageError when there is no such client, or the server does not let it in */
async function signIn(options: LoadOptions): Promise<Authorize> {
  const authorize = signInAs(commandClient(options.url, options.client), options.url);
  try {
    await authorize();
  } catch (error) {
    // A server that cannot be reached may be back in a moment: whoever sends finds out.
    if (error instanceof RefusedError) throw new UsageError(error.message);
  }
  return authorize;
}

/** @throws UsageError when it cannot be kept */
function openJournal(options: LoadOptions): Journal {
  const identity = loadIdentity(options);
  const file = options.journal ?? path.join(journalFolder(), `${identity.slice(0, 16)}.ndjson`);
  return new Journal(file, identity, { restarts: options.restart });
}

const journalFolder = (): string => path.join(dataDir(), 'load');

function writeFailures({ tally, failures, unreachable }: Run, output: Output): void {
  if (tally.errors === 0) return;
  output.write(`Not stored, or not known to be:\n`);
  for (const { name, status, reason } of failures) {
    output.write(`  ${name}: ${status === undefined ? '' : `HTTP ${status}: `}${reason}\n`);
  }
  if (tally.errors > failures.length) output.write(`  and ${count(tally.errors - failures.length)} more\n`);
  if (unreachable) output.write('The server cannot be reached: the rest was not sent.\n');
}

function summary(tally: Tally, seconds: number): string {
  const { resources, resourcesBefore, filesDone, filesSkipped, errors } = tally;
  const skipped = filesSkipped > 0 ? ` (${count(filesSkipped)} other files skipped)` : '';
  const before = resourcesBefore > 0 ? `, besides ${count(resourcesBefore)} of earlier runs` : '';
  return (
    `${count(resources)} resources from ${count(filesDone)} files${skipped}${before} ` +
    `in ${seconds.toFixed(1)} s, ${count(rate(resources, seconds))} resources/s, ${count(errors)} errors\n`
  );
}
