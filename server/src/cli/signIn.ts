import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from './usageError.ts';

/** A client of an OAuth server, as `administrator-client.json` has it. */
export interface ClientCredentials {
  client_id: string;
  client_secret: string;
}

/** For commands that do nothing without one. */
export const NO_CLIENT =
  'No client is known: set MAXRAY_DATA_DIR to the data folder of the server, or name the file of a client with --client.';

/** The server does not let the client in. */
export class RefusedError extends Error {}

/** What requests are sent with; undefined for a server where nobody has to sign in. */
export type Authorize = () => Promise<string | undefined>;

/** A token is asked for anew so long before it ends. */
const RENEW_BEFORE_MS = 60_000;
const SIGN_IN_TIMEOUT_MS = 30_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The client to sign in as: that of a file, or for a server of this machine the administrator client of the environment or of the data
 * folder. Undefined: nobody is known; a secret is never sent to another machine without being told to.
 *
 * @throws UsageError for a file that cannot be read
 */
export function clientFor(
  url: URL,
  file: string | undefined,
  env: { id: string | undefined; secret: string | undefined; file: string },
): ClientCredentials | undefined {
  if (file !== undefined) return readClient(file);
  if (!LOOPBACK.has(url.hostname)) return undefined;
  if (env.id !== undefined && env.secret !== undefined)
    return { client_id: env.id, client_secret: env.secret };
  return existsSync(env.file) ? readClient(env.file) : undefined;
}

function readClient(file: string): ClientCredentials {
  try {
    const client = JSON.parse(readFileSync(file, 'utf8')) as Partial<ClientCredentials>;
    const { client_id, client_secret } = client;
    if (typeof client_id === 'string' && typeof client_secret === 'string')
      return { client_id, client_secret };
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new UsageError(`--client: ${file} cannot be read: ${reason}`);
  }
  throw new UsageError(`--client: ${file} needs client_id and client_secret.`);
}

/** Signs a client in at the server with this FHIR base, again when a token ends (SMART Backend Services with a secret). */
export function signInAs(client: ClientCredentials | undefined, base: URL): Authorize {
  let token: Promise<{ value: string | undefined; endsMs: number }> | undefined;
  let endsMs = 0;
  return async () => {
    if (client === undefined) return undefined;
    if (token === undefined || Date.now() > endsMs - RENEW_BEFORE_MS) {
      endsMs = Infinity; // until this one is there, nobody asks for another
      token = newToken(client, base);
    }
    try {
      const { value, endsMs: ends } = await token;
      endsMs = ends;
      return value;
    } catch (error) {
      token = undefined;
      throw error;
    }
  };
}

async function newToken(client: ClientCredentials, base: URL) {
  const { status, body: smart } = await ask(new URL(`${base.href}/.well-known/smart-configuration`));
  if (status === 404) return { value: undefined, endsMs: Infinity };
  const endpoint = smart.token_endpoint;
  if (typeof endpoint !== 'string') throw new Error(`${base.href} does not say where tokens are given out`);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  const proof = `${encodeURIComponent(client.client_id)}:${encodeURIComponent(client.client_secret)}`;
  const headers = { Authorization: `Basic ${Buffer.from(proof).toString('base64')}` };
  const { body } = await ask(new URL(endpoint), { method: 'POST', headers, body: form });
  const { access_token: value, expires_in: seconds, error } = body;
  if (typeof value !== 'string')
    throw new RefusedError(`the client ${client.client_id} is not let in: ${String(error ?? 'no token')}`);
  return { value: `Bearer ${value}`, endsMs: Date.now() + Number(seconds ?? 60) * 1000 };
}

/** @throws Error that says where nothing answers */
async function ask(url: URL, init: RequestInit = {}) {
  const signal = AbortSignal.timeout(SIGN_IN_TIMEOUT_MS);
  const response = await fetch(url, { ...init, signal }).catch((error: Error) => {
    const why = (error.cause as { code?: string } | undefined)?.code ?? error.message;
    const text = `No server answers at ${url.origin} (${why}): start it, or say by --url where it is.`;
    throw new Error(text, { cause: error });
  });
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return { status: response.status, body: {} as Record<string, unknown> };
  }
}
