import { createHash, randomBytes } from 'node:crypto';
import type { Browser } from './browser.ts';
import { PASSWORD, PUBLIC_CLIENT, REDIRECT_URI, USER, type IdentityServer } from './support.ts';

export const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** Address of an authorization request; `undefined` leaves a parameter out. */
export function authorizeUrl(
  { issuer, fhirBase }: IdentityServer,
  changes: Record<string, string | undefined> = {},
): string {
  const parameters = {
    response_type: 'code',
    client_id: PUBLIC_CLIENT.id,
    redirect_uri: REDIRECT_URI,
    scope: 'openid fhirUser user/*.rs',
    state: 'state-1',
    aud: fhirBase,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `${issuer}/oauth2/authorize?${new URLSearchParams(given as [string, string][])}`;
}

/** Signs in, agrees to everything, and comes back to the app. */
export async function authorize(
  server: IdentityServer,
  changes: Record<string, string | undefined> = {},
  options: { browser?: Browser; patient?: string; scopes?: string[] } = {},
): Promise<Browser> {
  const browser = options.browser ?? server.browser();
  await browser.open(authorizeUrl(server, changes));
  if (browser.text.includes('<title>Sign in'))
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
  if (browser.text.includes('<title>Choose a patient'))
    await browser.submit({ patient: options.patient ?? 'p1', action: 'choose' });
  if (browser.text.includes('<title>Let this app in?')) {
    const shown = [...browser.text.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope]) => scope!);
    await browser.submit({ scope: options.scopes ?? shown, action: 'allow' });
  }
  return browser;
}

/** Posts a form; the answer as JSON. */
export async function post(
  server: IdentityServer,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  const response = await fetch(`${server.issuer}/oauth2/${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, body, headers: response.headers };
}

/** Exchanges a code. */
export const exchange = (
  server: IdentityServer,
  code: string,
  changes: Record<string, string> = {},
  headers: Record<string, string> = {},
) =>
  post(
    server,
    'token',
    {
      grant_type: 'authorization_code',
      client_id: PUBLIC_CLIENT.id,
      redirect_uri: REDIRECT_URI,
      code,
      code_verifier: VERIFIER,
      ...changes,
    },
    headers,
  );

/** The whole way to a token response. */
export async function tokens(
  server: IdentityServer,
  changes: Record<string, string | undefined> = {},
  options: Parameters<typeof authorize>[2] = {},
): Promise<Record<string, string>> {
  const { query, url, text } = await authorize(server, changes, options);
  const code = query.get('code');
  if (code === null) throw new Error(`no code at ${url}: ${text.slice(-600)}`);
  const { status, body } = await exchange(server, code, {
    ...(changes.client_id === undefined ? {} : { client_id: changes.client_id }),
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as Record<string, string>;
}

export const basic = (id: string, secret: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

export const refresh = (server: IdentityServer, token: string, changes: Record<string, string> = {}) =>
  post(server, 'token', {
    grant_type: 'refresh_token',
    client_id: PUBLIC_CLIENT.id,
    refresh_token: token,
    ...changes,
  });

export const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
