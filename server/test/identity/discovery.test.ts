import { describe, expect, test } from '@jest/globals';
import { smartConfiguration } from '../../src/identity/smartConfiguration.ts';
import { tokens } from './flow.ts';
import { identityForFile, USER } from './support.ts';

const { server } = identityForFile();
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server().issuer}${path}`, { headers });

describe('discovery', () => {
  test.each(['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'])(
    '%s says what is built, under names of the issuer',
    async (path) => {
      const { issuer } = server();
      const response = await get(path);
      const document = (await response.json()) as Record<string, unknown>;
      expect(document).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/oauth2/authorize`,
        token_endpoint: `${issuer}/oauth2/token`,
        introspection_endpoint: `${issuer}/oauth2/introspect`,
        revocation_endpoint: `${issuer}/oauth2/revoke`,
        userinfo_endpoint: `${issuer}/oauth2/userinfo`,
        end_session_endpoint: `${issuer}/oauth2/logout`,
        jwks_uri: `${issuer}/oauth2/jwks`,
        code_challenge_methods_supported: ['S256'],
        response_types_supported: ['code'],
        grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
        token_endpoint_auth_methods_supported: [
          'client_secret_basic',
          'client_secret_post',
          'private_key_jwt',
          'none',
        ],
        token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  test('what SMART is told agrees with it', async () => {
    const smart = smartConfiguration(server().issuer);
    const oidc = (await (await get('/.well-known/openid-configuration')).json()) as Record<string, unknown>;
    const { capabilities, scopes_supported: scopes, openid_configuration: document, ...rest } = smart;
    expect(oidc).toMatchObject(rest);
    expect(document).toBe(`${server().issuer}/.well-known/openid-configuration`);
    expect(oidc.scopes_supported).toEqual((scopes as string[]).filter((scope) => !scope.includes('*')));
    expect(capabilities).toContain('client-confidential-asymmetric');
  });

  test('the host that a request names changes nothing', async () => {
    const { issuer } = server();
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      const headers = {
        Host: 'evil.example',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'https',
      };
      request(`${issuer}/.well-known/openid-configuration`, { headers }, (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    expect(text).not.toContain('evil');
    expect(JSON.parse(text)).toMatchObject({ issuer });
  });

  test('only public keys are shown', async () => {
    const { keys } = (await (await get('/oauth2/jwks')).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(1);
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  test('nothing else is there', async () => {
    for (const path of [
      '/oauth2/',
      '/oauth2/nothing',
      '/oauth2/register',
      '/oauth2/device',
      '/oauth2/request',
    ])
      expect((await get(path)).status).toBe(404);
    expect((await get('/fhir/R4/Patient')).status).toBe(404);
  });
});

describe('cross-origin requests', () => {
  const ask = (origin: string, method = 'POST') =>
    fetch(`${server().issuer}/oauth2/token`, {
      method,
      headers: {
        Origin: origin,
        ...(method === 'OPTIONS' ? { 'Access-Control-Request-Method': 'POST' } : {}),
      },
      ...(method === 'POST'
        ? {
            body: new URLSearchParams({
              grant_type: 'refresh_token',
              client_id: 'public-app',
              refresh_token: 'x',
            }),
          }
        : {}),
    });

  test('a page of the app may call the token endpoint, another may not', async () => {
    expect((await ask('https://app.example', 'OPTIONS')).headers.get('access-control-allow-methods')).toBe(
      'POST',
    );
    const own = await ask('https://app.example');
    const other = await ask('https://evil.example');
    expect(own.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(await other.json()).toMatchObject({ error: 'invalid_request' });
  });
});

describe('userinfo', () => {
  const ask = (token: string | undefined) =>
    get('/oauth2/userinfo', token === undefined ? {} : { Authorization: `Bearer ${token}` });

  test('tells what the scopes let through', async () => {
    const all = await tokens(server(), { scope: 'openid profile email fhirUser user/*.rs' });
    expect(await (await ask(all.access_token)).json()).toEqual({
      sub: USER.id,
      name: USER.name,
      email: USER.email,
      fhirUser: `${server().fhirBase}/Practitioner/1`,
    });
    const few = await tokens(server(), { scope: 'openid user/*.rs' });
    expect(await (await ask(few.access_token)).json()).toEqual({ sub: USER.id });
  });

  test('refuses who is not signed in, and who did not ask for openid', async () => {
    const without = await ask(undefined);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    const { access_token: token } = await tokens(server(), { scope: 'user/*.rs' });
    expect((await ask(token)).status).toBe(403);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
