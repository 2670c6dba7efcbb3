import { createHash, randomBytes } from 'node:crypto';
import { ACCOUNT_PATH, OAUTH_PATHS } from '../paths.ts';
import type { ClientDirectory, OAuthClient } from '../ports.ts';

/** Stands for the page of the account itself: people sign in for it as for any app. */
export const ACCOUNT_CLIENT_ID = 'maxray-account';

/** The page of the queues, which needs the same sign-in. */
export const QUEUES_PAGE = 'queues';

/** Where the provider sends people back to after that. */
const signedInUri = (issuer: string): string => `${issuer}${ACCOUNT_PATH}/signed-in`;

const accountClient = (issuer: string): OAuthClient => ({
  id: ACCOUNT_CLIENT_ID,
  name: 'Your account',
  active: true,
  authentication: 'none',
  grantTypes: ['authorization_code'],
  redirectUris: [signedInUri(issuer)],
  scopes: ['openid'],
  firstParty: true,
});

/** The directory with the page of the account in it, for the provider: nothing that it is given opens the FHIR API. */
export function withAccountClient(clients: ClientDirectory, issuer: string): ClientDirectory {
  const own = accountClient(issuer);
  return { find: async (id) => (id === ACCOUNT_CLIENT_ID ? own : clients.find(id)) };
}

/**
 * Address at which somebody signs in for the page of the account. The code that comes back is never exchanged: what counts is the
 * session, so that its verifier is thrown away here.
 *
 * @param page where to go on after that, below {@link ACCOUNT_PATH}, or {@link QUEUES_PAGE}
 * @param maxAgeS a sign-in that lies back longer does not do
 */
export function accountSignIn(issuer: string, page: string, maxAgeS?: number): string {
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: ACCOUNT_CLIENT_ID,
    redirect_uri: signedInUri(issuer),
    scope: 'openid',
    state: page,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
    ...(maxAgeS === undefined ? {} : { max_age: String(maxAgeS) }),
  });
  return `${issuer}${OAUTH_PATHS.authorization}?${parameters}`;
}
