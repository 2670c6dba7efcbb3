import { describe, expect, test } from '@jest/globals';
import { authorize, authorizeUrl, claimsOf, exchange, tokens } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT, REDIRECT_URI, USER } from './support.ts';

const { server } = identityForFile();

describe('authorization code with PKCE', () => {
  test('a person signs in, consents, and the app gets tokens', async () => {
    const browser = await authorize(server(), { scope: 'openid fhirUser profile user/*.rs offline_access' });
    expect(browser.url.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(browser.query.get('state')).toBe('state-1');
    expect(browser.query.get('iss')).toBe(server().issuer);
    const { status, body, headers } = await exchange(server(), browser.query.get('code')!);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        access_token: expect.stringMatching(/^[\w-]{43}$/),
        refresh_token: expect.stringMatching(/^[\w-]{43}$/),
        id_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'openid fhirUser profile user/*.rs offline_access',
      },
    });
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(claimsOf(body.id_token as string)).toMatchObject({
      iss: server().issuer,
      aud: PUBLIC_CLIENT.id,
      sub: USER.id,
      name: USER.name,
      fhirUser: `${server().fhirBase}/Practitioner/1`,
    });
    expect(await server().identity.authenticate(`Bearer ${body.access_token}`)).toEqual({
      clientId: PUBLIC_CLIENT.id,
      userId: USER.id,
      profile: 'Practitioner/1',
      scopes: ['openid', 'fhirUser', 'profile', 'user/*.rs', 'offline_access'],
      expiresAtMs: expect.any(Number),
      grantId: expect.any(String),
    });
    expect(server().defects).toEqual([]);
  });

  test('a scope may be left out', async () => {
    const { scope } = await tokens(
      server(),
      { scope: 'openid patient/Patient.rs patient/Observation.rs?category=laboratory offline_access' },
      { scopes: ['patient/Observation.rs?category=laboratory'] },
    );
    expect(scope).toBe('openid patient/Observation.rs?category=laboratory');
  });

  test.each([
    ['an implicit grant', { response_type: 'token' }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method', { code_challenge_method: undefined }, 'invalid_request'],
    ['another audience', { aud: 'https://other.example/fhir' }, 'invalid_target'],
    ['another resource', { resource: 'https://other.example/fhir' }, 'invalid_target'],
    ['an unknown launch', { launch: 'nothing' }, 'invalid_request'],
    ['a request object', { request: 'x.y.z' }, 'request_not_supported'],
    ['nobody signed in and no prompt', { prompt: 'none' }, 'login_required'],
  ])('refused, and told the app: %s', async (_name, changes, error) => {
    const browser = await server().browser().open(authorizeUrl(server(), changes));
    const { origin, pathname, searchParams, hash } = new URL(browser.url);
    expect(`${origin}${pathname}`).toBe(REDIRECT_URI);
    const answer = hash === '' ? searchParams : new URLSearchParams(hash.slice(1));
    expect(Object.fromEntries(answer)).toMatchObject({ error, state: 'state-1' });
  });

  test.each([
    ['another host', 'https://evil.example/callback'],
    ['a longer path', `${REDIRECT_URI}/more`],
    ['a query', `${REDIRECT_URI}?next=https://evil.example`],
    ['a user', 'https://app.example@evil.example/callback'],
    ['other letters', 'https://APP.example/callback'],
    ['a traversal', 'https://app.example/x/../callback'],
    ['a script', 'javascript:alert(1)'],
  ])('never redirects to a URI that is not registered: %s', async (_name, redirect_uri) => {
    const browser = await server().browser().open(authorizeUrl(server(), { redirect_uri }));
    expect(browser.url.startsWith(server().issuer)).toBe(true);
    expect(browser.status).toBe(400);
    expect(browser.text).toContain('invalid_redirect_uri');
    expect(browser.text).not.toContain('<script');
    expect(browser.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test.each([
    ['no redirect_uri', { redirect_uri: undefined }],
    ['an unknown client', { client_id: 'nobody' }],
    ['an impossible client id', { client_id: "x' OR 1=1 --\u0000" }],
    ['HTML', { client_id: '<img src=x onerror=alert(1)>' }],
  ])('never redirects with %s', async (_name, changes) => {
    const browser = await server().browser().open(authorizeUrl(server(), changes));
    expect(browser.status).toBe(400);
    expect(browser.text).not.toContain('<img');
  });

  test('a code is good once: a replay ends all that came of it', async () => {
    const browser = await authorize(server(), { scope: 'openid offline_access user/*.rs' });
    const code = browser.query.get('code')!;
    const { body } = await exchange(server(), code);
    await server().identity.authenticate(`Bearer ${body.access_token}`);
    const replay = await exchange(server(), code);
    expect({ status: replay.status, error: replay.body.error }).toEqual({
      status: 400,
      error: 'invalid_grant',
    });
    await expect(server().identity.authenticate(`Bearer ${body.access_token}`)).rejects.toMatchObject({
      category: 'login',
    });
  });

  test('of two exchanges at once at most one succeeds, and none of its tokens stays good', async () => {
    const browser = await authorize(server());
    const code = browser.query.get('code')!;
    const answers = await Promise.all([exchange(server(), code), exchange(server(), code)]);
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_grant').length).toBeGreaterThanOrEqual(1);
    for (const { body } of given)
      await expect(server().identity.authenticate(`Bearer ${body.access_token}`)).rejects.toMatchObject({
        category: 'login',
      });
  });

  test.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect URI', { redirect_uri: 'https://app.example/other' }],
    ['another code', { code: 'x'.repeat(43) }],
  ])('no token for %s', async (_name, changes) => {
    const browser = await authorize(server());
    const { status, body } = await exchange(server(), browser.query.get('code')!, changes);
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_grant' });
  });

  test('no token without a verifier, nor for another client', async () => {
    server().clients.set('other', { ...PUBLIC_CLIENT, id: 'other' });
    const code = (await authorize(server())).query.get('code')!;
    const without = await exchange(server(), code, { code_verifier: '' });
    const other = await exchange(server(), code, { client_id: 'other' });
    expect([without.body.error, other.body.error]).toEqual(['invalid_grant', 'invalid_grant']);
  });

  test('an authorization server without defects', () => {
    expect(server().defects).toEqual([]);
  });
});
