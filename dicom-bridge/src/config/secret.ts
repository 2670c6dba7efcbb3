import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './readers.ts';

const SECRET_BYTES = 32;
const SECRET_CHARS_MIN = 32;

/**
 * The secret that the FHIR server shows. Made when absent, readable by its owner only.
 *
 * @throws ConfigError when the file cannot be read, or is too short
 */
export function bridgeSecret(file: string): string {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST')
      throw new ConfigError('DICOM_BRIDGE_SECRET_FILE', `cannot be made (${codeOf(error)})`);
  }
  const secret = read(file).trim();
  if (secret.length < SECRET_CHARS_MIN)
    throw new ConfigError('DICOM_BRIDGE_SECRET_FILE', `has fewer than ${SECRET_CHARS_MIN} characters`);
  return secret;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError('DICOM_BRIDGE_SECRET_FILE', `cannot be read (${codeOf(error)})`);
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
