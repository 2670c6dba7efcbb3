import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import type { ClientSecrets } from './clientSecrets.ts';
import type { OAuthClient } from './ports.ts';

/** `MAXRAY_ADMIN_CLIENT_ID` and `MAXRAY_ADMIN_CLIENT_SECRET`. */
export interface AdministratorCredentials {
  clientId: string;
  clientSecret: string;
}

export interface AdministratorClient {
  clientId: string;
  /** Where its secret can be read; absent where the configuration has it. */
  file?: string;
}

/** The file cannot be used; the message names it and what to do. */
export class AdministratorFileError extends Error {}

/**
 * Lets the first administrator client in: that of the configuration, else the one of a file that only the server's account can read,
 * which is made when absent. Its secret is set anew at each start, so that whoever rules the configuration or the file is never
 * locked out.
 *
 * @throws AdministratorFileError, RangeError (of {@link ClientSecrets.set})
 */
export async function openAdministratorClient(
  secrets: ClientSecrets,
  configured: AdministratorCredentials | undefined,
  file: string,
): Promise<AdministratorClient> {
  const { clientId, clientSecret } = configured ?? credentialsIn(file);
  if (!(await secrets.matches(clientId, clientSecret))) await secrets.set(clientId, clientSecret);
  return configured ? { clientId } : { clientId, file };
}

/** What the first administrator client may do: all that a client without a user can. */
export const administratorClient = (clientId: string): OAuthClient => ({
  id: clientId,
  name: 'First administrator client',
  active: true,
  authentication: 'secret',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['system/*.cruds'],
  firstParty: true,
  mayIntrospectAll: true,
});

function credentialsIn(file: string): AdministratorCredentials {
  const made = {
    client_id: randomUUID(),
    client_secret: `${randomUUID()}${randomUUID()}`.replaceAll('-', ''),
  };
  try {
    fs.writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      throw new AdministratorFileError(`The administrator client's file ${file} cannot be made (${code}).`);
  }
  return read(file);
}

function read(file: string): AdministratorCredentials {
  let parsed: { client_id?: unknown; client_secret?: unknown } | null | undefined;
  try {
    if ((fs.statSync(file).mode & 0o077) !== 0 && process.platform !== 'win32')
      throw new AdministratorFileError(`Others can read ${file}: chmod 600 it, and change its secret.`);
    parsed = JSON.parse(fs.readFileSync(file, 'utf8')) as typeof parsed;
  } catch (error) {
    if (error instanceof AdministratorFileError) throw error;
  }
  const { client_id: clientId, client_secret: clientSecret } = { ...parsed };
  if (typeof clientId !== 'string' || typeof clientSecret !== 'string')
    throw new AdministratorFileError(
      `${file} does not hold the administrator client (client_id, client_secret): remove it, and another is made.`,
    );
  return { clientId, clientSecret };
}
