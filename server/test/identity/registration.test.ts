import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { clientKey } from './assertion.ts';
import { authorize, basic, exchange } from './flow.ts';
import { identityForFile, REDIRECT_URI, type IdentityServer } from './support.ts';

const { server, second } = identityForFile();
let open: IdentityServer;
beforeAll(async () => {
  open = await second({}, { registers: true });
});
beforeEach(() =>
  server().test.database.write({
    name: '',
    text: `DELETE FROM "${server().test.schema}".identity_attempt`,
    values: [],
  }),
);

async function register(metadata: unknown, at = open, headers: Record<string, string> = {}) {
  const response = await fetch(`${at.issuer}/oauth2/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  });
  const text = await response.text();
  return { status: response.status, text, headers: response.headers };
}
const APP = { redirect_uris: [REDIRECT_URI], client_name: 'New app' };

describe('registering', () => {
  test('is not there unless it is switched on', async () => {
    expect((await register(APP, server())).status).toBe(404);
    const documents = [server(), open].map(async ({ issuer }) =>
      (await fetch(`${issuer}/.well-known/openid-configuration`)).json(),
    );
    const [closed, opened] = (await Promise.all(documents)) as Record<string, unknown>[];
    expect(closed).not.toHaveProperty('registration_endpoint');
    expect(opened!.registration_endpoint).toMatch(/\/oauth2\/register$/);
  });

  test('a client that keeps a secret, which works', async () => {
    const scope = 'openid offline_access patient/Patient.rs';
    const { status, text, headers } = await register({
      ...APP,
      grant_types: ['authorization_code', 'refresh_token'],
      scope,
    });
    const body = JSON.parse(text) as Record<string, string>;
    expect({ status, body }).toEqual({
      status: 201,
      body: expect.objectContaining({
        client_id: expect.any(String),
        client_secret: expect.stringMatching(/^[\w-]{43}$/),
        client_secret_expires_at: 0,
        client_id_issued_at: expect.any(Number),
        client_name: 'New app',
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: 'client_secret_basic',
        scope,
      }),
    });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    const id = body.client_id!;
    const browser = await authorize(server(), { client_id: id, scope: `${scope} patient/*.cruds` });
    const answer = await exchange(
      server(),
      browser.query.get('code')!,
      { client_id: id },
      basic(id, body.client_secret!),
    );
    expect([answer.status, answer.body.scope]).toEqual([200, scope]);
  });

  test('a public one, and one with a key, get no secret', async () => {
    const open_ = JSON.parse((await register({ ...APP, token_endpoint_auth_method: 'none' })).text);
    const keyed = await register({
      ...APP,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [clientKey('ES384').jwk] },
    });
    expect(keyed.status).toBe(201);
    for (const body of [open_, JSON.parse(keyed.text)]) expect(body).not.toHaveProperty('client_secret');
  });

  test.each<[string, object]>([
    ['no redirect URI', { redirect_uris: [] }],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }],
    ['plain http', { redirect_uris: ['http://app.example/'] }],
    ['a fragment', { redirect_uris: ['https://app.example/#x'] }],
    ['a scheme of browsers', { redirect_uris: ['blob:x'], application_type: 'native' }],
    ['client_credentials', { grant_types: ['client_credentials'] }],
    ['implicit', { grant_types: ['authorization_code', 'implicit'] }],
    ['a token', { response_types: ['token'] }],
    ['system scopes', { scope: 'system/*.rs' }],
    ['an unknown scope', { scope: 'everything' }],
    ['an unknown method', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['no key', { token_endpoint_auth_method: 'private_key_jwt' }],
    [
      'a secret key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'AA' }] } },
    ],
    ['keys by http', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://a.example/' }],
    ['a long name', { client_name: 'x'.repeat(300) }],
    ['numbers', { redirect_uris: 1, grant_types: {} }],
  ])('refused: %s', async (_name, changes) => {
    const { status, text } = await register({ ...APP, ...changes });
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({
      error: expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
      error_description: expect.any(String),
    });
  });

  test.each(['', 'null', '[]', '{', '"x"', `{"client_name":"${'x'.repeat(70_000)}"}`])(
    'refused: the body %#',
    async (body) => expect((await register(body)).status).toBe(400),
  );

  test('nobody makes itself one of the organisation, or has its secret chosen', async () => {
    const { text } = await register({
      ...APP,
      firstParty: true,
      client_id: 'chosen',
      client_secret: 'chosen',
    });
    const { client_id: id, client_secret: secret } = JSON.parse(text) as Record<string, string>;
    expect([id, secret]).not.toContain('chosen');
    expect(open.clients.get(id!)).not.toHaveProperty('firstParty');
  });

  test('too many of one address have to wait', async () => {
    const statuses = [];
    for (let i = 0; i < 21; i++) statuses.push((await register(APP)).status);
    expect(statuses).toEqual([...Array<number>(20).fill(201), 429]);
  });
});

test('no defect was seen', () => {
  expect([...server().defects, ...open.defects]).toEqual([]);
});
