import type { IncomingMessage, ServerResponse } from 'node:http';
import { FhirError } from '../fhir/outcome.ts';
import type { Identified, IdentityPorts } from './ports.ts';
import { claimsOf } from './provider/accounts.ts';

export interface UserInfoParts {
  identify(authorization: string | undefined): Promise<Identified>;
  ports: Pick<IdentityPorts, 'users' | 'onEvent' | 'onShown'>;
  addressOf(request: IncomingMessage): string;
  fhirBase: string;
}

/** Which claims a scope lets through (OpenID Connect Core 1.0, 5.4; SMART App Launch 2.2, `fhirUser`). */
const CLAIMS: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['name', 'fhirUser'],
  email: ['email'],
  fhirUser: ['fhirUser'],
};

/** Answers the UserInfo endpoint (OpenID Connect Core 1.0, 5.3), for tokens of the FHIR API. */
export async function answerUserInfo(
  { identify, ports, addressOf, fhirBase }: UserInfoParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The token is what lets somebody in; a page of another origin has it or has not.
  const open = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': 'Authorization',
    'Access-Control-Allow-Methods': 'GET, POST',
    'Cache-Control': 'no-store',
  };
  const send = (status: number, body: object, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { ...open, 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'OPTIONS') return void response.writeHead(204, open).end();
  if (request.method !== 'GET' && request.method !== 'POST')
    return send(405, { error: 'invalid_request' }, { Allow: 'GET, POST, OPTIONS' });
  const address = addressOf(request);
  try {
    const { clientId, userId, scopes } = await identify(request.headers.authorization);
    const user = userId === undefined ? undefined : await ports.users.byId(userId);
    if (!user || !scopes.includes('openid')) {
      ports.onEvent({ kind: 'refused', clientId, userId, address, detail: 'user-info: insufficient_scope' });
      return send(403, { error: 'insufficient_scope', scope: 'openid' }, challenge('insufficient_scope'));
    }
    await ports.onShown?.({ kind: 'user-info', clientId, userId, address });
    const shown = new Set(scopes.flatMap((scope) => CLAIMS[scope] ?? []));
    send(
      200,
      Object.fromEntries(Object.entries(claimsOf(user, fhirBase)).filter(([name]) => shown.has(name))),
    );
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (error.category === 'login') {
      ports.onEvent({ kind: 'refused', address, detail: 'user-info: invalid_token' });
      send(401, { error: 'invalid_token', error_description: error.message }, challenge('invalid_token'));
    } else send(503, { error: 'temporarily_unavailable' }, { 'Retry-After': String(error.retryAfterS ?? 2) });
  }
}

const challenge = (error: string): Record<string, string> => ({
  'WWW-Authenticate': `Bearer error="${error}"`,
});
