import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../config.ts';
import { defaultDataDir } from '../store/postgres/embedded/layout.ts';
import { clientFor, type ClientCredentials } from './signIn.ts';

const CHECKOUT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Folder of the server whose commands these are. */
export const dataDir = (): string => readConfig(process.env).dataDir ?? defaultDataDir(CHECKOUT);

/**
 * The client that a command signs in as: that of a file, or for a server of this machine its administrator client.
 * @throws UsageError for a file that cannot be read
 */
export function commandClient(url: URL, file: string | undefined): ClientCredentials | undefined {
  const { adminClientId: id, adminClientSecret: secret } = readConfig(process.env);
  return clientFor(url, file, { id, secret, file: path.join(dataDir(), 'administrator-client.json') });
}
