import { beforeAll, describe, expect, test } from '@jest/globals';
import { assertion, ASSERTION_TYPE, clientKey } from './assertion.ts';
import { authorizeUrl, basic, tokens } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT, REDIRECT_URI } from './support.ts';

// Whatever is sent, the answer is one of OAuth's: never a 500, never a defect.
const { server } = identityForFile();

const HOSTILE = [
  '',
  ' ',
  '\u0000',
  '%00',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '"><img src=x>',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  '-1',
  '9'.repeat(40),
  'x'.repeat(6_000),
  '\ud800',
  '\u202e\ufeff',
  '{"a":',
  '[]',
  'a b  c',
  'http://127.0.0.1:1/',
  'javascript:alert(1)',
  'e30.e30.',
  'a.b.c',
];
const NAMES = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'prompt',
  'max_age',
  'aud',
  'launch',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'login_hint',
  'id_token_hint',
  'acr_values',
  'claims',
  'ui_locales',
  'request',
  'request_uri',
  'registration',
  'display',
];

let refreshToken: string;
let secret: string;
beforeAll(async () => {
  const given = await tokens(server(), { scope: 'openid patient/*.rs offline_access' });
  refreshToken = given.refresh_token!;
  const backend = { ...PUBLIC_CLIENT, id: 'backend', authentication: 'secret' } as const;
  server().clients.set('backend', { ...backend, grantTypes: ['client_credentials'], redirectUris: [] });
  secret = await server().identity.clientSecrets.make('backend');
});

/** Asks for each value in turn; the worst statuses are told with what led to them. */
async function sendAll(ask: (value: string) => Promise<Response>): Promise<void> {
  const failed = [];
  for (const value of HOSTILE) {
    const response = await ask(value);
    const text = await response.text();
    if (response.status >= 500 || text.includes('server_error')) failed.push([value, response.status, text]);
    if (text.includes('<script>alert') || text.includes('<img')) failed.push([value, 'echoed']);
    const location = response.headers.get('location') ?? server().issuer;
    const isKnown = location.startsWith(server().issuer) || location.startsWith(REDIRECT_URI);
    if (!isKnown) failed.push([value, 'redirected', location]);
  }
  expect(failed).toEqual([]);
}

const query = (values: [string, string][]): string =>
  values.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('=')).join('&');
const send = (path: string, values: [string, string][], headers: Record<string, string> = {}) =>
  fetch(`${server().issuer}/oauth2/${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: query(values),
  });

describe('authorization requests', () => {
  test.each(NAMES)('%s', (name) =>
    sendAll((value) =>
      fetch(authorizeUrl(server(), { [name]: value.toWellFormed() }), {
        redirect: 'manual',
        headers: { Accept: 'text/html' },
      }),
    ),
  );
  test.each(NAMES)('%s twice', (name) =>
    sendAll((value) =>
      fetch(`${authorizeUrl(server())}&${query([[name, value]])}&${query([[name, 'x']])}`, {
        redirect: 'manual',
      }),
    ),
  );
});

describe('token requests', () => {
  const valid = (): [string, string][] => [
    ['grant_type', 'refresh_token'],
    ['client_id', PUBLIC_CLIENT.id],
    ['refresh_token', refreshToken],
  ];
  test.each([
    'grant_type',
    'client_id',
    'client_secret',
    'client_assertion',
    'client_assertion_type',
    'code',
    'code_verifier',
    'redirect_uri',
    'refresh_token',
    'scope',
    'resource',
    'authorization_details',
  ])('%s', async (name) => {
    await sendAll((value) => send('token', [...valid().filter(([key]) => key !== name), [name, value]]));
    await sendAll((value) => send('token', [...valid(), [name, value], [name, 'x']]));
    await sendAll((value) =>
      send(
        'token',
        [
          ['grant_type', 'client_credentials'],
          [name, value],
        ],
        basic('backend', secret),
      ),
    );
  });

  test('claims of an assertion', async () => {
    const key = clientKey('ES384');
    server().clients.set('keyed', {
      ...server().clients.get('backend')!,
      id: 'keyed',
      authentication: 'key',
      jwks: { keys: [key.jwk] },
    });
    for (const claim of ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'])
      await sendAll((value) =>
        send('token', [
          ['grant_type', 'client_credentials'],
          ['client_assertion_type', ASSERTION_TYPE],
          [
            'client_assertion',
            assertion(key, 'keyed', `${server().issuer}/oauth2/token`, { [claim]: value }),
          ],
        ]),
      );
  });

  test('headers', () =>
    sendAll((value) =>
      send('token', [['grant_type', 'client_credentials']], {
        Authorization: `Basic ${Buffer.from(value).toString('base64')}`,
      }),
    ));
});

describe('other endpoints', () => {
  test.each(['introspect', 'revoke'])('%s', async (path) => {
    for (const name of ['token', 'token_type_hint', 'client_id'])
      await sendAll((value) => {
        const values: [string, string][] = [
          ['token', 'x'],
          ['client_id', PUBLIC_CLIENT.id],
        ];
        return send(path, [...values.filter(([key]) => key !== name), [name, value]]);
      });
  });

  test.each(['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'logout_hint'])(
    'signing out with %s',
    (name) =>
      sendAll((value) =>
        fetch(`${server().issuer}/oauth2/logout?${query([[name, value]])}`, { redirect: 'manual' }),
      ),
  );

  test('signing out without a page of ours', () =>
    sendAll((value) =>
      send('logout/confirm', [
        ['xsrf', value],
        ['logout', 'yes'],
      ]),
    ));

  test('signing in still works afterwards', async () => {
    const { access_token: token } = await tokens(server());
    expect(await server().identity.authenticate(`Bearer ${token}`)).toMatchObject({ userId: 'nurse' });
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
