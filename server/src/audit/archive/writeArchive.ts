import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import type { AuditTable } from '../../store/audit/auditTable.ts';
import type { Checkpoint, CheckpointTable } from '../../store/audit/checkpointTable.ts';
import { auditEvent } from '../auditEvent/render.ts';
import { recordOf } from '../encode.ts';
import type { AuditLayout } from '../layout.ts';
import { lineText, type ArchiveLine } from './archiveLines.ts';

/** Files of an archive. */
export const ARCHIVE = { log: 'log.jsonl', copies: 'checkpoints.jsonl', keys: 'keys', facts: 'archive.json' };

export interface ArchiveOptions {
  table: Pick<AuditTable, 'between'>;
  checkpoints: Pick<CheckpointTable, 'after'>;
  /** Of the log that is archived: its keys and copies go along. */
  layout: Pick<AuditLayout, 'copies' | 'publicKeys'>;
  /** Absolute URL of the FHIR base whose log it is. */
  base: string;
  /** Whose log it is, for readers. */
  of: Readonly<Record<string, string>>;
}

export interface ArchiveFacts {
  records: number;
  checkpoints: number;
  /** SHA-256 of the log's file, in hexadecimal. */
  sha256: string;
}

/** Keeps a whole log in a folder, from which it can be read and verified when the database has it no more. It is on the disk when this returns. */
export async function writeArchive(folder: string, options: ArchiveOptions): Promise<ArchiveFacts> {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  makeFolder(path.dirname(folder), 0o700);
  makeFolder(part, 0o700);
  const { copies, publicKeys } = options.layout;
  if (existsSync(copies)) copyFileSync(copies, path.join(part, ARCHIVE.copies));
  if (existsSync(publicKeys)) cpSync(publicKeys, path.join(part, ARCHIVE.keys), { recursive: true });
  const facts = await writeLog(path.join(part, ARCHIVE.log), options);
  const text = `${JSON.stringify({ ...options.of, ...facts, archived: new Date().toISOString() }, null, 2)}\n`;
  writeFileSync(path.join(part, ARCHIVE.facts), text, { mode: 0o600, flush: true });
  rmSync(folder, { recursive: true, force: true }); // of a removal that was cut off: this one has more
  renameSync(part, folder);
  return facts;
}

async function writeLog(file: string, options: ArchiveOptions): Promise<ArchiveFacts> {
  const hash = createHash('sha256');
  const facts = { records: 0, checkpoints: 0 };
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const lines of linesOf(options)) {
      const text = lines.map((line) => `${lineText(line)}\n`).join('');
      hash.update(text);
      await handle.write(text);
      for (const { kind } of lines) facts[kind === 'record' ? 'records' : 'checkpoints'] += 1;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { ...facts, sha256: hash.digest('hex') };
}

/** Each checkpoint and what it seals; then what is not sealed. */
async function* linesOf({ table, checkpoints, base }: ArchiveOptions): AsyncGenerator<ArchiveLine[]> {
  async function* records(after: number, upTo: number): AsyncGenerator<ArchiveLine[]> {
    for await (const rows of table.between(after, upTo))
      yield rows.map((row) => ({
        kind: 'record',
        row,
        event: auditEvent({ place: row.place, record: recordOf(row) }, base),
      }));
  }
  let before: Checkpoint | undefined;
  for await (const page of checkpoints.after(-1))
    for (const checkpoint of page) {
      yield [{ kind: 'checkpoint', checkpoint }];
      yield* records(before?.last ?? Number.MIN_SAFE_INTEGER, checkpoint.last);
      before = checkpoint;
    }
  yield* records(before?.last ?? Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}
