import type { Failure } from './failure.ts';
import { deliver, LOOK_FIRST, type Delivered } from './deliver.ts';
import { documentUploads } from './documents.ts';
import { listFiles, openFile, type DiskFile, type InputFile } from './inputs.ts';
import type { Journal, UploadPlace } from './journal.ts';
import { lineUploads } from './ndjson.ts';
import type { LoadOptions } from './options.ts';
import { createPool } from './pool.ts';
import { emptyTally, type Tally } from './progress.ts';
import type { Patience } from './retry.ts';
import { createSender } from './send.ts';
import type { Authorize } from '../signIn.ts';
import type { Upload } from './upload.ts';

/** Bodies under way hold no more than this, save one alone. */
const HELD_BYTES_MAX = 48 * 1024 * 1024;
/** Failures that are listed; more are counted. */
const FAILURES_MAX = 200;

export interface RunParts {
  options: LoadOptions;
  journal: Journal;
  patience: Patience;
  authorize: Authorize;
  /** Aborted when nothing more is to be sent. */
  stop: AbortSignal;
}

/** One load from its first file to its last. */
export class Run {
  readonly tally: Tally = emptyTally();
  readonly failures: Failure[] = [];
  unreachable = false;
  readonly #parts: RunParts;
  readonly #sender;
  readonly #pool;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.#sender = createSender(parts.options, parts.authorize);
    this.#pool = createPool(parts.options.parallel, HELD_BYTES_MAX);
  }

  /** Whether there is any sense in going on. */
  get #isOver(): boolean {
    return this.unreachable || this.#parts.stop.aborted;
  }

  async all(): Promise<void> {
    const listed = await listFiles(this.#parts.options.paths);
    const files = listed.filter((one): one is DiskFile => 'path' in one);
    for (const one of listed) if ('error' in one) this.#fail({ name: one.name, reason: reasonOf(one.error) });
    this.tally.bytesInAll = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const file of files) {
      if (!this.#isOver) await this.#file(file);
    }
    await this.#pool.idle();
  }

  close(): void {
    this.#sender.close();
  }

  async #file(file: DiskFile): Promise<void> {
    const place = { file: this.#parts.journal.fileNumber(file), upload: 0 };
    try {
      const inputs = openFile(file, (bytes) => (this.tally.bytesRead += bytes));
      for await (const input of inputs) {
        await this.#input(input, place);
        if (this.#isOver) return;
      }
    } catch (error) {
      this.#fail({ name: file.path, reason: reasonOf(error) });
    }
  }

  /** Starts the requests of one input, and counts `last` up with them. It is done when the last of them is. */
  async #input(input: InputFile, last: UploadPlace): Promise<void> {
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
      const place = { file: last.file, upload: ++last.upload };
      if (this.#isDealtWith(item, place)) continue;
      open += 1;
      const readBytes = this.tally.bytesRead;
      const done = (): void => {
        this.tally.bytesDone = Math.max(this.tally.bytesDone, readBytes);
        close();
      };
      await this.#pool.start(item.body.length, () => this.#upload(item, place).finally(done));
      if (this.#isOver) return;
    }
    close();
  }

  /** Whether an earlier run has left nothing to do for an upload; what it could not store is reported again. */
  #isDealtWith(upload: Upload, place: UploadPlace): boolean {
    const earlier = this.#parts.journal.earlier(place);
    if (earlier === undefined) return false;
    if (earlier.state === 'answered') {
      this.tally.resourcesBefore += earlier.stored;
      for (const failure of earlier.failures) this.#fail(failure);
      return true;
    }
    if (this.#parts.options.resend) return false;
    const reason = `An earlier run was cut off while it sent this. ${LOOK_FIRST} --resend sends it.`;
    this.#fail({ name: upload.name, reason });
    return true;
  }

  async #upload(upload: Upload, place: UploadPlace): Promise<void> {
    if (this.#isOver) return;
    const { journal, patience, stop } = this.#parts;
    if (!upload.repeatable) journal.begin(place);
    const result: Delivered = await deliver(upload, this.#sender, patience, stop);
    if (result.end === 'answered') journal.answer(place, result.stored, result.failures);
    else if (!upload.repeatable && result.end !== 'unknown') journal.withdraw(place);
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
