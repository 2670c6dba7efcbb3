import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../config.ts';
import { makeFolder } from '../store/makeFolder.ts';

const KEY_BYTES = 32;

/**
 * The key that seals what goes out and comes back (page cursors). Made when absent, readable by its owner only.
 *
 * @throws ConfigError when the file cannot be read or is too short to be a key
 */
export function secretKey(file: string): Buffer {
  try {
    makeFolder(path.dirname(file));
    fs.writeFileSync(file, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EEXIST') throw new ConfigError('SECRET_KEY_FILE', `cannot be made (${code})`);
  }
  const key = readKey(file);
  if (key.length < KEY_BYTES) throw new ConfigError('SECRET_KEY_FILE', `has only ${key.length} bytes`);
  return key;
}

function readKey(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new ConfigError('SECRET_KEY_FILE', `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
