import { randomUUID } from 'node:crypto';
import type { ClientSecrets } from './clientSecrets.ts';
import { ownedTexts } from './ownedFile.ts';
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

/**
 * Lets the first administrator client in: that of the configuration, else the one of a file that only the server's account can read,
 * which is made when absent. Its secret is set anew at each start, so that whoever rules the configuration or the file is never
 * locked out.
 *
 * @throws OwnedFileError, RangeError (of {@link ClientSecrets.set})
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
  const made = () => ({
    client_id: randomUUID(),
    client_secret: `${randomUUID()}${randomUUID()}`.replaceAll('-', ''),
  });
  const held = ownedTexts(file, ['client_id', 'client_secret'], made);
  return { clientId: held.client_id, clientSecret: held.client_secret };
}
