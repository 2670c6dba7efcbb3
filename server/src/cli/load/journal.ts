import { createHash } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import { COLLECTION_ENTRIES_MAX, DOCUMENT_BYTES_MAX } from './documents.ts';
import type { Failure } from './failure.ts';
import type { DiskFile } from './inputs.ts';
import { BATCH_BYTES_MAX, BATCH_LINES_MAX } from './ndjson.ts';
import { UsageError } from '../usageError.ts';
import type { LoadOptions } from './options.ts';

/** How files are cut into uploads: those of a journal have the same numbers only where it is the same. */
const CUT = [BATCH_LINES_MAX, BATCH_BYTES_MAX, COLLECTION_ENTRIES_MAX, DOCUMENT_BYTES_MAX].join('-');

/** What is known of an upload: the server has answered for each of its resources, or it may have been sent and no answer was seen. */
export type Earlier = { state: 'answered'; stored: number; failures: Failure[] } | { state: 'begun' };

/** Which upload: the number of its file in the journal, and its place in the file. */
export interface UploadPlace {
  file: number;
  upload: number;
}

/** The first line: what is loaded, and where to. */
interface Header {
  load: string;
  cut: string;
}

/** A file as it is on disk: with another size or time of change it is another one. */
interface FileLine {
  number: number;
  path: string;
  sizeBytes: number;
  changedMs: number;
}

type UploadLine = UploadPlace & { begun?: true; stored?: number; failures?: Failure[] };

/**
 * What of a load is done, in a file, so that the same command goes on where it was cut off. Its lines are written before and after
 * what they tell of; they survive the end of this process, though perhaps not that of the machine.
 */
export class Journal {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #files = new Map<string, FileLine>();
  readonly #earlier = new Map<string, Earlier>();
  #filesCount = 0;

  /**
   * Opens the journal of a load, or begins it.
   *
   * @param load what is loaded, and where to
   * @param restarts whether what it tells is to be forgotten
   * @throws UsageError when it is that of another load, or cannot be kept
   */
  constructor(file: string, load: string, { restarts = false } = {}) {
    this.#path = file;
    try {
      makeFolder(path.dirname(file), 0o700);
      const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
      const whole = bytes.lastIndexOf('\n') + 1; // a line that was cut off tells nothing
      const [header, ...lines] = bytes.toString('utf8', 0, whole).trimEnd().split('\n');
      if (bytes.length > 0) requireHeader(file, header!, restarts ? undefined : load);
      this.#descriptor = openSync(file, 'a', 0o600);
      ftruncateSync(this.#descriptor, restarts ? 0 : whole);
      if (restarts || bytes.length === 0) this.#write({ load, cut: CUT } satisfies Header);
      else for (const line of lines) this.#take(parse(line) as FileLine | UploadLine);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      throw new UsageError(`The journal ${file} cannot be kept (${code}): name another by --journal FILE.`);
    }
  }

  /** The number of a file in this journal. */
  fileNumber({ path: name, sizeBytes, changedMs }: DiskFile): number {
    const absolute = path.resolve(name);
    const known = this.#files.get(absolute);
    if (known?.sizeBytes === sizeBytes && known.changedMs === changedMs) return known.number;
    const line: FileLine = { number: ++this.#filesCount, path: absolute, sizeBytes, changedMs };
    this.#files.set(absolute, line);
    this.#write(line);
    return line.number;
  }

  /** What an earlier run came to with an upload. */
  earlier(place: UploadPlace): Earlier | undefined {
    return this.#earlier.get(keyOf(place));
  }

  /** Before an upload is sent that must not be sent twice. */
  begin({ file, upload }: UploadPlace): void {
    this.#write({ file, upload, begun: true } satisfies UploadLine);
  }

  /** The server has answered for each resource of an upload. */
  answer({ file, upload }: UploadPlace, stored: number, failures: readonly Failure[]): void {
    this.#write({ file, upload, stored, ...(failures.length > 0 && { failures: [...failures] }) });
  }

  /** Nothing of an upload that was begun is stored: it may be sent again. */
  withdraw({ file, upload }: UploadPlace): void {
    this.#write({ file, upload } satisfies UploadLine);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** There is nothing left to go on with. */
  remove(): void {
    this.close();
    rmSync(this.#path);
  }

  #write(line: object): void {
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }

  #take(line: FileLine | UploadLine): void {
    if ('path' in line) {
      this.#files.set(line.path, line);
      this.#filesCount = line.number;
      return;
    }
    const { begun, stored, failures = [] } = line;
    if (stored !== undefined) this.#earlier.set(keyOf(line), { state: 'answered', stored, failures });
    else if (begun) this.#earlier.set(keyOf(line), { state: 'begun' });
    else this.#earlier.delete(keyOf(line));
  }
}

/** Whatever else is in the file is not ours to write to. @param load undefined: a journal of any load will do */
function requireHeader(file: string, line: string, load: string | undefined): void {
  const { load: itsLoad, cut } = parse(line) as Partial<Header>;
  if (itsLoad === undefined || cut === undefined)
    throw new UsageError(`${file} is no journal of a load: name another by --journal FILE.`);
  if (load === undefined || (itsLoad === load && cut === CUT)) return;
  const what = itsLoad === load ? 'was written by another release' : 'is that of another load';
  throw new UsageError(
    `The journal ${file} ${what}: name another by --journal FILE, or begin anew with --restart.`,
  );
}

const keyOf = ({ file, upload }: UploadPlace) => `${file} ${upload}`;

function parse(line: string): object {
  try {
    return (JSON.parse(line) ?? {}) as object;
  } catch {
    return {};
  }
}

/** What makes two commands the same load: the server, and what is loaded, in any order. */
export function loadIdentity({ url, paths }: Pick<LoadOptions, 'url' | 'paths'>): string {
  const what = [url.href, ...paths.map((one) => path.resolve(one)).sort()];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex');
}
