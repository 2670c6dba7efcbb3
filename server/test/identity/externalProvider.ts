import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { ExternalProvider } from '../../src/identity/external/externalProviders.ts';
import { assertion, clientKey, type ClientKey } from './assertion.ts';

/** Somebody at a provider elsewhere. */
export interface Person {
  sub: string;
  email?: string;
  email_verified?: boolean;
}

/** Another provider, which signs in whoever it is told, without asking. */
export interface SecondProvider {
  settings: ExternalProvider;
  /** Who comes to it next; undefined: somebody who refuses. */
  person: Person | undefined;
  /** What it was asked, last. */
  asked: Record<string, unknown>;
  close(): Promise<void>;
}

const CLIENT = { clientId: 'maxray', clientSecret: 'a secret between two servers' };

/** A second oidc-provider. @param redirectUri of ours */
export async function secondProvider(redirectUri: () => string): Promise<SecondProvider> {
  const http = createServer();
  const issuer = await listening(http);
  const state: SecondProvider = {
    settings: { id: 'hospital', name: 'Hospital <north>', issuer, ...CLIENT },
    person: undefined,
    asked: {},
    close: () => closed(http),
  };
  const people = new Map<string, Person>();
  const key = clientKey('RS256');
  let provider: Provider | undefined;
  const made = (): Provider =>
    (provider ??= new Provider(issuer, {
      clients: [
        { client_id: CLIENT.clientId, client_secret: CLIENT.clientSecret, redirect_uris: [redirectUri()] },
      ],
      cookies: { keys: ['second provider'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx, { uid }) => `${issuer}/interaction/${uid}` },
      findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ ...people.get(id), sub: id }) }),
      adapter: () => memoryAdapter(),
      jwks: { keys: [key.privateKey.export({ format: 'jwk' })] },
      ttl: {
        Interaction: 600,
        Session: 600,
        Grant: 600,
        AccessToken: 600,
        IdToken: 600,
        AuthorizationCode: 60,
      },
    }));
  const interact = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { params, prompt } = await made().interactionDetails(request, response);
    state.asked = params;
    const { person } = state;
    if (!person) return made().interactionFinished(request, response, { error: 'access_denied' });
    people.set(person.sub, person);
    if (prompt.name === 'login')
      return made().interactionFinished(request, response, { login: { accountId: person.sub } });
    const grant = new (made().Grant)({ accountId: person.sub, clientId: CLIENT.clientId });
    grant.addOIDCScope('openid email');
    return made().interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  };
  http.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void made().callback()(request, response);
    interact(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
  });
  return state;
}

/** What the provider remembers, of one model. */
function memoryAdapter(): Adapter {
  const rows = new Map<string, AdapterPayload>();
  const find = async (test: (row: AdapterPayload) => boolean) => [...rows.values()].find(test);
  return {
    upsert: async (id, payload) => void rows.set(id, payload),
    find: async (id) => rows.get(id),
    findByUid: (uid) => find((row) => row.uid === uid),
    findByUserCode: async () => undefined,
    consume: async (id) => void rows.set(id, { ...rows.get(id), consumed: true }),
    destroy: async (id) => void rows.delete(id),
    revokeByGrantId: async () => undefined,
  };
}

/** A provider of which everything is right but what a test makes wrong. */
export interface WrongProvider {
  settings: ExternalProvider;
  /** Of the id_token: `claims` and `header` replace what is right; `key` signs. */
  wrong: { claims?: Record<string, unknown>; header?: Record<string, unknown>; key?: ClientKey };
  /** Replaces members of the discovery document. */
  discovery: Record<string, unknown>;
  close(): Promise<void>;
}

export async function wrongProvider(): Promise<WrongProvider> {
  const http = createServer();
  const issuer = await listening(http);
  const key = clientKey('RS256');
  const state: WrongProvider = {
    settings: { id: 'wrong', name: 'Wrong', issuer, ...CLIENT },
    wrong: {},
    discovery: {},
    close: () => closed(http),
  };
  let nonce: string | null = null;
  http.on('request', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    const send = (body: object): void => {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (pathname === '/.well-known/openid-configuration')
      return send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        ...state.discovery,
      });
    if (pathname === '/jwks') return send({ keys: [key.jwk] });
    if (pathname === '/authorize') {
      nonce = searchParams.get('nonce');
      const back = new URLSearchParams({ code: 'code', state: searchParams.get('state')! });
      const location = `${searchParams.get('redirect_uri')}?${back}`;
      return void response.writeHead(303, { Location: location }).end();
    }
    const nowS = Math.floor(Date.now() / 1000);
    const right = { sub: 'external', iat: nowS, nonce, email: 'nurse@clinic.example', email_verified: true };
    const { claims, header, key: other = key } = state.wrong;
    const kid = { kid: key.jwk.kid, ...header };
    const signed = assertion(other, issuer, CLIENT.clientId, { iss: issuer, ...right, ...claims }, kid);
    const idToken = header?.alg === 'none' ? `${signed.slice(0, signed.lastIndexOf('.'))}.` : signed;
    return send({ access_token: 'token', token_type: 'Bearer', id_token: idToken });
  });
  return state;
}

const listening = async (http: Server): Promise<string> => {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
};

const closed = (http: Server): Promise<void> =>
  new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
