import type { Delivered } from './deliver.ts';
import type { Failure } from './failure.ts';
import { deliver } from './deliver.ts';
import { documentUploads } from './documents.ts';
import type { DiskFile, InputFile } from './inputs.ts';
import { listFiles, openFile } from './inputs.ts';
import { lineUploads } from './ndjson.ts';
import type { LoadOptions } from './options.ts';
import { readOptions, USAGE, UsageError } from './options.ts';
import { createPool } from './pool.ts';
import type { Output, Tally } from './progress.ts';
import { count, emptyTally, rate, showProgress } from './progress.ts';
import type { Patience } from './retry.ts';
import { PATIENCE } from './retry.ts';
import { createSender } from './send.ts';
import type { Upload } from './upload.ts';

/** Where `load` writes: the summary to `stdout`, progress and failures to `stderr`. */
export interface LoadIo {
  stdout: Output;
  stderr: Output;
}

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
/** Bodies under way hold no more than this, save one alone. */
const HELD_BYTES_MAX = 48 * 1024 * 1024;
/** Failures that are listed; more are counted. */
const FAILURES_MAX = 200;

/**
 * The command `maxray load PATH...`: loads FHIR files, archives and folders into a running server.
 * @returns the exit code: 0 when all was stored, 1 when anything was not, 2 when the command is not understood
 */
export async function runLoad(
  args: string[],
  io: LoadIo = process,
  patience: Patience = PATIENCE,
): Promise<number> {
  try {
    const options = readOptions(args);
    if (options) return await load(options, io, patience);
    io.stdout.write(USAGE);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n\n${USAGE}`);
    return EXIT.usage;
  }
}

async function load(options: LoadOptions, io: LoadIo, patience: Patience): Promise<number> {
  const startMs = performance.now();
  const run = new Run(options, patience);
  const progress = showProgress(run.tally, io.stderr);
  try {
    await run.all();
  } finally {
    progress.stop();
    run.close();
  }
  writeFailures(run, io.stderr);
  io.stdout.write(summary(run.tally, (performance.now() - startMs) / 1000));
  return run.tally.errors > 0 ? EXIT.failed : EXIT.ok;
}

/** One load from its first file to its last. */
class Run {
  readonly tally: Tally = emptyTally();
  readonly failures: Failure[] = [];
  unreachable = false;
  readonly #options: LoadOptions;
  readonly #patience: Patience;
  readonly #sender;
  readonly #pool;

  constructor(options: LoadOptions, patience: Patience) {
    this.#options = options;
    this.#patience = patience;
    this.#sender = createSender(options);
    this.#pool = createPool(options.parallel, HELD_BYTES_MAX);
  }

  async all(): Promise<void> {
    const listed = await listFiles(this.#options.paths);
    const files = listed.filter((one): one is DiskFile => 'path' in one);
    for (const one of listed) if ('error' in one) this.#fail({ name: one.name, reason: reasonOf(one.error) });
    this.tally.bytesInAll = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const file of files) {
      if (!this.unreachable) await this.#file(file);
    }
    await this.#pool.idle();
  }

  close(): void {
    this.#sender.close();
  }

  async #file(file: DiskFile): Promise<void> {
    try {
      const inputs = openFile(file, (bytes) => (this.tally.bytesRead += bytes));
      for await (const input of inputs) {
        await this.#input(input);
        if (this.unreachable) return;
      }
    } catch (error) {
      this.#fail({ name: file.path, reason: reasonOf(error) });
    }
  }

  /** Starts the requests of one input. It is done when the last of them is. */
  async #input(input: InputFile): Promise<void> {
    let open = 1;
    const close = (): void => {
      open -= 1;
      if (open === 0) this.tally.filesDone += 1;
    };
    const items = input.format === 'json' ? documentUploads(input) : lineUploads(input);
    for await (const item of items) {
      if ('skipped' in item) {
        this.tally.filesSkipped += 1;
        return;
      }
      if ('problem' in item) {
        this.#fail({ name: item.name, reason: item.problem });
        continue;
      }
      open += 1;
      const readBytes = this.tally.bytesRead;
      const done = (): void => {
        this.tally.bytesDone = Math.max(this.tally.bytesDone, readBytes);
        close();
      };
      await this.#pool.start(item.body.length, () => this.#upload(item).finally(done));
      if (this.unreachable) return;
    }
    close();
  }

  async #upload(upload: Upload): Promise<void> {
    if (this.unreachable) return;
    const result: Delivered = await deliver(upload, this.#sender, this.#patience);
    this.tally.resources += result.stored;
    this.unreachable ||= result.unreachable;
    for (const failure of result.failures) this.#fail(failure);
  }

  #fail(failure: Failure): void {
    this.tally.errors += 1;
    if (this.failures.length < FAILURES_MAX) this.failures.push(failure);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'No such file or folder.';
  if (code === 'EACCES') return 'Not allowed to read it.';
  return message;
}

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
  const skipped = tally.filesSkipped > 0 ? ` (${count(tally.filesSkipped)} other files skipped)` : '';
  return (
    `${count(tally.resources)} resources from ${count(tally.filesDone)} files${skipped} ` +
    `in ${seconds.toFixed(1)} s, ${count(rate(tally.resources, seconds))} resources/s, ${count(tally.errors)} errors\n`
  );
}
