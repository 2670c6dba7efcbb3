import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { StartError } from '../startError.ts';
import { writePrivateFile } from './files.ts';

const PASSWORD_BYTES = 32;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** PostgreSQL's default; the password is random, so more would only cost time at each connection. */
const SCRAM_ITERATIONS = 4096;

/** Makes the database's password and keeps it where only we can read it (not the account that PostgreSQL runs as). */
export function makePassword(file: string): string {
  const password = randomBytes(PASSWORD_BYTES).toString('hex');
  writePrivateFile(file, password);
  return password;
}

/** @throws StartError when it is missing: without it nobody gets into the cluster */
export function readPassword(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new StartError(
    `the database in this data folder has lost its password file ${file}. Restore the file from a backup of the data folder.`,
  );
}

/**
 * What PostgreSQL stores for a password (RFC 5803). initdb reads this instead of the password from a file that PostgreSQL's
 * account can read: as `nobody` that account may have other processes, which must not learn the password.
 */
export function scramVerifier(password: string): string {
  const salt = randomBytes(SALT_BYTES);
  const salted = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, KEY_BYTES, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const serverKey = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${SCRAM_ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
