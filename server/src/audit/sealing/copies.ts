import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';

/** What stands of a checkpoint outside the database: enough to see that it, and all before it, is as it was. */
export interface CheckpointCopy {
  number: number;
  last: number;
  sealed: string;
  chain: string;
  key: string;
  signature: string;
}

export const copyOf = ({ number, last, sealedMs, chain, key, signature }: Checkpoint): CheckpointCopy => ({
  number,
  last,
  sealed: new Date(sealedMs).toISOString(),
  chain: chain.toString('hex'),
  key,
  signature: signature.toString('base64'),
});

/** A file outside the database to which a line is added for each checkpoint. */
export class CheckpointCopies {
  readonly #path: string;
  #last: number | undefined;

  constructor(file: string) {
    this.#path = file;
  }

  /** Number of the last checkpoint in the file. */
  get last(): number {
    this.#last ??= readCopies(this.#path).copies.at(-1)?.number ?? 0;
    return this.#last;
  }

  /** Adds lines, which are on the disk when it returns. */
  add(checkpoints: readonly Checkpoint[]): void {
    makeFolder(path.dirname(this.#path));
    const isTorn = readCopies(this.#path).torn;
    const descriptor = openSync(this.#path, 'a', 0o600);
    try {
      if (isTorn) writeSync(descriptor, '\n'); // a write that was interrupted: its checkpoint comes again
      writeSync(
        descriptor,
        checkpoints.map((checkpoint) => `${JSON.stringify(copyOf(checkpoint))}\n`).join(''),
      );
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.#last = checkpoints.at(-1)!.number;
  }
}

export interface Copies {
  copies: CheckpointCopy[];
  /** The last line has no end. */
  torn: boolean;
}

/**
 * All copies of a file; none when it is not there. A line whose write was interrupted is none: the same checkpoint stands in the
 * following line, and where it does not, its number is missing.
 */
export function readCopies(file: string): Copies {
  const lines = (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n');
  const rest = lines.pop() ?? '';
  return { copies: lines.map(parse).filter((copy) => copy !== undefined), torn: rest !== '' };
}

function parse(line: string): CheckpointCopy | undefined {
  try {
    const copy = JSON.parse(line) as CheckpointCopy;
    return Number.isSafeInteger(copy.number) && typeof copy.chain === 'string' ? copy : undefined;
  } catch {
    return undefined;
  }
}
