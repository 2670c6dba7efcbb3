import { randomUUID } from 'node:crypto';

/** What the tests' own client proves itself with, to servers that were started with {@link ADMINISTRATOR_ENV}. */
export const ADMINISTRATOR = { id: 'test-administrator', secret: randomUUID() };
export const ADMINISTRATOR_ENV = {
  MAXRAY_ADMIN_CLIENT_ID: ADMINISTRATOR.id,
  MAXRAY_ADMIN_CLIENT_SECRET: ADMINISTRATOR.secret,
};

/** Signs a client in by its secret. @returns the value of the header Authorization */
export async function clientAuthorization(
  url: string,
  client: { id: string; secret: string },
  scope?: string,
): Promise<string> {
  const response = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token: ${JSON.stringify(body)}`);
  return `Bearer ${body.access_token}`;
}

/** Of clients that ask again and again: one token a server. */
export function administratorOf(url: string): () => Promise<string> {
  let token: Promise<string> | undefined;
  return () => {
    token ??= clientAuthorization(url, ADMINISTRATOR).catch((error: unknown) => {
      token = undefined;
      throw error;
    });
    return token;
  };
}

/** Sends a request as the administrator, by a token of its own. */
export async function fetchSignedIn(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', await clientAuthorization(new URL(url).origin, ADMINISTRATOR));
  return fetch(url, { ...init, headers });
}
