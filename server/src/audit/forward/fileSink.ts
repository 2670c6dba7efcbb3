import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';
import { auditEvent } from '../auditEvent/render.ts';
import type { PlacedRecord } from '../encode.ts';
import { copyOf } from '../sealing/copies.ts';
import type { Sink } from './sink.ts';

/** Adds each record as an AuditEvent in a line of a file, and each checkpoint as `{"checkpoint": ...}`. Others may move the file away. */
export class FileSink implements Sink {
  readonly name: string;
  readonly #path: string;
  readonly #base: string;

  constructor(file: string, base: string) {
    this.name = `file:${path.resolve(file)}`;
    this.#path = file;
    this.#base = base;
  }

  async send(records: readonly PlacedRecord[], checkpoints: readonly Checkpoint[]): Promise<void> {
    const lines = [
      ...records.map((record) => auditEvent(record, this.#base)),
      ...checkpoints.map((checkpoint) => ({ checkpoint: copyOf(checkpoint) })),
    ];
    makeFolder(path.dirname(this.#path));
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await appendFile(this.#path, text, { mode: 0o600, flush: true });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
