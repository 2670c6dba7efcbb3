import { chmodSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Another process has the file. */
export class DatabaseTakenError extends Error {
  override readonly name = 'DatabaseTakenError';
}

/** SQLITE_BUSY (https://www.sqlite.org/rescode.html#busy). */
const BUSY = 5;
const WAIT_MS = 3_000;

/**
 * The bridge's own database, a file of SQLite that only its owner may read. The process that has opened it has it alone until it ends: two
 * bridges on one folder would take each other's files away. Commits survive a crash of the process at once, a power loss soon after. Of what is deleted
 * or changed, the file has no bytes any more.
 *
 * @param file made if it is not there
 * @param waitMs how long is waited for a process that is about to end
 * @throws DatabaseTakenError
 */
export function openDatabase(file: string, waitMs = WAIT_MS): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    chmodSync(file, 0o600);
    database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA locking_mode = EXCLUSIVE`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON');
    database.exec('BEGIN IMMEDIATE; COMMIT'); // takes the lock, which is kept
    return database;
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === BUSY)
      throw new DatabaseTakenError('Another bridge works in this folder.', { cause: error });
    throw error;
  }
}

/** Does what writes, so that it survives a power loss when this returns, as does all that was committed before. */
export function durably<T>(database: DatabaseSync, write: () => T): T {
  database.exec('PRAGMA synchronous = FULL');
  try {
    return write();
  } finally {
    database.exec('PRAGMA synchronous = NORMAL');
  }
}
