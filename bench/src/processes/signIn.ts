import { LOOPBACK } from './target.ts';

/** A client of the server and its secret. */
export interface ClientCredentials {
  id: string;
  secret: string;
}

/** A server that has no such interface yet, or none for this. */
const UNKNOWN_THERE: ReadonlySet<number> = new Set([404, 405, 501]);
const ERROR_TEXT_CHARS = 300;

/**
 * Signs a client in by its secret (RFC 6749, 4.4).
 *
 * @returns the value of the header Authorization; undefined where the server knows nothing of signing in
 */
export const signIn = async (port: number, client: ClientCredentials): Promise<string | undefined> => {
  const credentials = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const response = await fetch(`http://${LOOPBACK}:${port}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const text = await response.text();
  if (UNKNOWN_THERE.has(response.status)) return undefined;
  if (!response.ok)
    throw new Error(
      `${client.id} cannot sign in: status ${response.status} ${text.slice(0, ERROR_TEXT_CHARS)}`,
    );
  const { access_token: token } = JSON.parse(text) as { access_token?: string };
  if (token === undefined) throw new Error(`${client.id} cannot sign in: no access_token in the answer`);
  return `Bearer ${token}`;
};
