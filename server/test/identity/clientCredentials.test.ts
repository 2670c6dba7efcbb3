import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { JWKS_BYTES_MAX } from '../../src/identity/provider/keyFetch.ts';
import type { OAuthClient } from '../../src/identity/ports.ts';
import { assertion, ASSERTION_TYPE, clientKey, type ClientKey } from './assertion.ts';
import { basic, post } from './flow.ts';
import { identityForFile, KEY_ORIGINS } from './support.ts';

const BACKEND: OAuthClient = {
  id: 'backend',
  active: true,
  authentication: 'secret',
  grantTypes: ['client_credentials'],
  redirectUris: [],
};
const GRANT = { grant_type: 'client_credentials' };

let keyServer: Server;
let keyUrl: string;
/** What the client's server answers with. */
let answerKeys: (path: string) => { status?: number; location?: string; body: string };
beforeAll(async () => {
  // In Jest's realm the provider cannot make its dispatcher, and says so once; keyFetch.test.ts is about that.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  keyServer = createServer((request, response) => {
    const { status = 200, location, body } = answerKeys(request.url!);
    response.writeHead(status, location === undefined ? {} : { Location: location }).end(body);
  });
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve));
  keyUrl = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`;
  KEY_ORIGINS.push(keyUrl);
});
afterAll(() => new Promise((resolve) => keyServer.close(resolve)));

const { server } = identityForFile();

describe('by secret', () => {
  let secret: string;
  beforeAll(async () => {
    server().clients.set(BACKEND.id, BACKEND);
    secret = await server().identity.clientSecrets.make(BACKEND.id);
  });

  test('in a header or in the form', async () => {
    const scope = 'system/*.rs';
    const byHeader = await post(server(), 'token', { ...GRANT, scope }, basic('backend', secret));
    const byForm = await post(server(), 'token', {
      ...GRANT,
      scope,
      client_id: 'backend',
      client_secret: secret,
    });
    for (const { status, body } of [byHeader, byForm]) {
      expect({ status, body }).toEqual({
        status: 200,
        body: { access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer', scope },
      });
      expect(await server().identity.authenticate(`Bearer ${body.access_token}`)).toEqual({
        clientId: 'backend',
        scopes: [scope],
        expiresAtMs: expect.any(Number),
      });
    }
  });

  test('one that says no scope gets what it may have', async () => {
    const open = await post(server(), 'token', GRANT, basic('backend', secret));
    expect(open.body.scope).toBe('system/*.cruds');
    server().clients.set(BACKEND.id, { ...BACKEND, scopes: ['system/Patient.rs', 'openid'] });
    const listed = await post(server(), 'token', GRANT, basic('backend', secret));
    expect(listed.body.scope).toBe('system/Patient.rs');
  });

  test('never more than its list, and never the scopes of people', async () => {
    server().clients.set(BACKEND.id, { ...BACKEND, scopes: ['system/Patient.rs'] });
    const ask = (scope: string) => post(server(), 'token', { ...GRANT, scope }, basic('backend', secret));
    const some = await ask('system/Patient.r system/Patient.cruds system/*.rs user/*.rs patient/*.rs openid');
    expect(some.body.scope).toBe('system/Patient.r');
    const none = await ask('system/Observation.rs');
    expect([none.status, none.body.error]).toEqual([400, 'invalid_scope']);
    server().clients.set(BACKEND.id, BACKEND);
  });

  test('a secret that somebody chose', async () => {
    await server().identity.clientSecrets.set('backend', 'chosen by an operator');
    const right = await post(server(), 'token', GRANT, basic('backend', 'chosen by an operator'));
    const former = await post(server(), 'token', GRANT, basic('backend', secret));
    expect([right.status, former.status]).toEqual([200, 401]);
    await expect(server().identity.clientSecrets.set('backend', 'short')).rejects.toThrow(RangeError);
    secret = await server().identity.clientSecrets.make('backend');
  });

  test.each([
    ['a wrong secret', () => basic('backend', 'wrong')],
    ['the word that stands for the secret', () => basic('backend', 'hashed')],
    ['an unknown client', () => basic('nobody', secret)],
    ['no client', () => ({})],
    ['no header of the kind', () => ({ Authorization: 'Basic !!!' })],
    ['a bearer', () => ({ Authorization: `Bearer ${secret}` })],
    ['a secret of great length', () => basic('backend', 'x'.repeat(4000))],
  ])('refused: %s', async (_name, headers) => {
    const { status, body } = await post(server(), 'token', GRANT, headers());
    expect([400, 401]).toContain(status);
    expect(['invalid_client', 'invalid_request']).toContain(body.error);
  });

  test('a client that is off, or may not use the grant', async () => {
    server().clients.set(BACKEND.id, { ...BACKEND, active: false });
    const off = await post(server(), 'token', GRANT, basic('backend', secret));
    server().clients.set(BACKEND.id, { ...BACKEND, grantTypes: [] });
    const other = await post(server(), 'token', GRANT, basic('backend', secret));
    server().clients.set(BACKEND.id, BACKEND);
    expect([off.body.error, other.body.error]).toEqual(['invalid_client', 'invalid_request']);
  });

  test.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code', '', '__proto__'])(
    'no grant of type "%s"',
    async (grant_type) => {
      const { status, body } = await post(server(), 'token', { grant_type }, basic('backend', secret));
      expect(status).toBe(400);
      expect(['unsupported_grant_type', 'invalid_request']).toContain(body.error);
    },
  );
});

describe('by private_key_jwt', () => {
  const key = clientKey('ES384');
  const rsa = clientKey('RS384');
  const client: OAuthClient = {
    ...BACKEND,
    id: 'keyed',
    authentication: 'key',
    jwks: { keys: [key.jwk, rsa.jwk] },
  };
  beforeAll(() => void server().clients.set(client.id, client));

  const audience = () => `${server().issuer}/oauth2/token`;
  const send = (client_assertion: string, changes: Record<string, string> = {}) =>
    post(server(), 'token', {
      ...GRANT,
      client_assertion,
      client_assertion_type: ASSERTION_TYPE,
      ...changes,
    });

  test.each([
    ['ES384', key],
    ['RS384', rsa],
  ])('%s', async (_alg, used: ClientKey) => {
    const { status, body } = await send(assertion(used, 'keyed', audience()));
    expect([status, body.scope]).toEqual([200, 'system/*.cruds']);
  });

  test('an assertion is good once, also of two at the same time', async () => {
    const text = assertion(key, 'keyed', audience());
    const [a, b] = await Promise.all([send(text), send(text)]);
    expect([a.status, b.status].sort()).toEqual([200, 401]);
    expect((await send(text)).body.error).toBe('invalid_client');
  });

  const nowS = Math.floor(Date.now() / 1000);
  const none = (): string =>
    `${assertion(key, 'keyed', audience(), {}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`;
  const byAlgorithm = (alg: 'RS256' | 'ES256'): string => {
    const weak = clientKey(alg);
    server().clients.set('keyed', { ...client, jwks: { keys: [key.jwk, weak.jwk] } });
    return assertion(weak, 'keyed', audience());
  };
  test.each<[string, () => string]>([
    ['alg none', none],
    ['alg HS256 with the public key', () => assertion(key, 'keyed', audience(), {}, { alg: 'HS256' })],
    ['alg RS256', () => byAlgorithm('RS256')],
    ['alg ES256', () => byAlgorithm('ES256')],
    ['expired', () => assertion(key, 'keyed', audience(), { exp: nowS - 60 })],
    ['good for too long', () => assertion(key, 'keyed', audience(), { exp: nowS + 3600 })],
    ['without an end', () => assertion(key, 'keyed', audience(), { exp: undefined })],
    ['not yet', () => assertion(key, 'keyed', audience(), { nbf: nowS + 120 })],
    ['without jti', () => assertion(key, 'keyed', audience(), { jti: undefined })],
    ['another audience', () => assertion(key, 'keyed', 'https://other.example/token')],
    ['no audience', () => assertion(key, 'keyed', undefined)],
    ['of another issuer', () => assertion(key, 'keyed', audience(), { iss: 'backend' })],
    ['another key', () => assertion(clientKey('ES384'), 'keyed', audience(), {}, { kid: key.jwk.kid })],
    [
      'changed',
      () => assertion(key, 'keyed', audience()).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    ],
    ['no JWT', () => 'x.y.z'],
    ['with a claim of the wrong kind', () => assertion(key, 'keyed', audience(), { exp: 'soon', jti: {} })],
  ])('refused: %s', async (_name, make) => {
    const { status, body } = await send(make());
    server().clients.set('keyed', client);
    expect([400, 401]).toContain(status);
    expect(['invalid_client', 'invalid_request']).toContain(body.error);
  });

  test('neither a secret nor nothing will do for it', async () => {
    const secret = await server().identity.clientSecrets.make('keyed');
    const bySecret = await post(server(), 'token', GRANT, basic('keyed', secret));
    const byNothing = await post(server(), 'token', { ...GRANT, client_id: 'keyed' });
    expect([bySecret.body.error, byNothing.body.error]).toEqual(['invalid_client', 'invalid_client']);
  });

  describe('with keys by URL', () => {
    const fetched = (id: string, path = '/keys', origin = keyUrl) => {
      const { jwks: _inline, ...rest } = client;
      server().clients.set(id, { ...rest, id, jwksUri: `${origin}${path}` });
      return send(assertion(key, id, audience()));
    };

    test('fetched when needed', async () => {
      answerKeys = () => ({ body: JSON.stringify({ keys: [key.jwk] }) });
      expect((await fetched('by-url')).status).toBe(200);
    });

    test.each([
      ['redirected', () => ({ status: 302, location: '/elsewhere', body: '' })],
      ['too large', () => ({ body: JSON.stringify({ keys: [key.jwk], x: 'x'.repeat(JWKS_BYTES_MAX) }) })],
      ['not there', () => ({ status: 404, body: '' })],
      ['no JSON', () => ({ body: '<html>' })],
      ['no keys', () => ({ body: '{"keys":{}}' })],
      ['a symmetric key', () => ({ body: '{"keys":[{"kty":"oct","k":"AAAA"}]}' })],
    ])('refused: %s', async (name, answer) => {
      answerKeys = answer;
      const { status, body } = await fetched(`by-url-${name.replaceAll(' ', '-')}`);
      expect([400, 401]).toContain(status);
      expect(body.error).toMatch(/^invalid_client/);
    });

    test('refused: an address of this machine that nobody allowed, and plain http', async () => {
      answerKeys = () => ({ body: JSON.stringify({ keys: [key.jwk] }) });
      const local = await fetched('by-url-local', '/keys', keyUrl.replace('127.0.0.1', 'localhost'));
      const https = await fetched('by-url-https', '/keys', keyUrl.replace('http://', 'https://'));
      expect([local.status, https.status]).not.toContain(200);
      expect([local.body.error, https.body.error].join()).toMatch(/^invalid_client\w*,invalid_client\w*$/);
    });
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
