import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../store/makeFolder.ts';
import { StartError } from '../../store/postgres/startError.ts';

const TYPE = 'ed25519';
const FINGERPRINT_CHARS = 32;

/** Signs checkpoints (Ed25519). The key is never in the database. */
export interface SigningKey {
  /** Fingerprint of the public key. */
  id: string;
  sign(chain: Buffer): Buffer;
}

/** Public keys whose signatures count, by their fingerprints. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/**
 * The key of a file (PEM, PKCS #8), made with mode 0600 when absent. Its public part is kept beside it, where `readTrusted` finds it
 * also when the key was replaced since.
 * @throws StartError when the file cannot be used
 */
export function openSigningKey(file: string, publicFolder: string): SigningKey {
  makeFolder(path.dirname(file));
  const privateKey = existing(file) ?? made(file);
  if (privateKey.asymmetricKeyType !== TYPE)
    throw new StartError(`the key of the audit log, ${file}, is no Ed25519 key`);
  const publicKey = createPublicKey(privateKey);
  const id = fingerprint(publicKey);
  makeFolder(publicFolder, 0o700);
  const kept = path.join(publicFolder, `${id}.pem`);
  if (!existsSync(kept)) writeFileSync(kept, publicKey.export({ type: 'spki', format: 'pem' }));
  return { id, sign: (chain) => sign(null, chain, privateKey) };
}

/** The public keys of a folder. */
export function readTrusted(publicFolder: string): Map<string, KeyObject> {
  const names = existsSync(publicFolder) ? readdirSync(publicFolder) : [];
  const files = names.filter((name) => name.endsWith('.pem')).map((name) => path.join(publicFolder, name));
  return new Map(files.map(readPublicKey));
}

/** A public key, or that of a private one. @throws StartError when the file is neither */
export function readPublicKey(file: string): [string, KeyObject] {
  try {
    const key = createPublicKey(readFileSync(file));
    if (key.asymmetricKeyType === TYPE) return [fingerprint(key), key];
  } catch (error) {
    throw new StartError(`the key ${file} cannot be read: ${(error as Error).message}`);
  }
  throw new StartError(`the key ${file} is no Ed25519 key`);
}

export function isSignedBy(key: KeyObject, chain: Buffer, signature: Buffer): boolean {
  return verify(null, chain, key, signature);
}

function existing(file: string): KeyObject | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return createPrivateKey(readFileSync(file));
  } catch (error) {
    throw new StartError(`the key of the audit log, ${file}, cannot be read: ${(error as Error).message}`);
  }
}

function made(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync(TYPE);
  const text = privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx', flush: true });
    return privateKey;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const other = code === 'EEXIST' ? existing(file) : undefined; // another process was first
    if (other !== undefined) return other;
    throw new StartError(`the key of the audit log, ${file}, cannot be made (${code})`);
  }
}

const fingerprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, FINGERPRINT_CHARS);
