import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import request from 'supertest';
import { Browser } from '../../identity/browser.ts';
import { People, type Person } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { makeTenant, type TestTenant } from '../../support/tenants.ts';

const CALLBACK = 'https://app.example/callback';
const APP = 'first-party-app';
const SCOPE = 'openid fhirUser offline_access user/*.rs';

type Side = Pick<TestTenant, 'url' | 'api' | 'authorization'>;
/** A user of each store, all with the same address. */
interface Resident {
  side: Side;
  people: People;
  ann: Person;
}

let server: TestServer;
let main: Resident;
let a: Resident;
let b: Resident;
beforeAll(async () => {
  server = await startTestServer();
  const [first, second] = [`a-${randomUUID().slice(0, 8)}`, `b-${randomUUID().slice(0, 8)}`];
  main = await resident(server);
  a = await resident(await makeTenant(server, first));
  b = await resident(await makeTenant(server, second));
});
afterAll(() => server.stop());

async function resident(side: Side): Promise<Resident> {
  const people = new People(side as TestServer);
  await people.prepare();
  await people.policy('reads', [{ resourceType: 'Patient' }]);
  await people.put({ resourceType: 'Patient', id: 'ann' });
  const ann = await people.person('ann', { profile: 'Patient/ann', policies: ['reads'] });
  return { side, people, ann };
}

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
const authorizeUrl = ({ url }: Side, more: Record<string, string> = {}) =>
  `${url}/oauth2/authorize?${new URLSearchParams({
    ...{ response_type: 'code', client_id: APP, redirect_uri: CALLBACK, scope: SCOPE, state: 's' },
    ...{ aud: `${url}/fhir/R4`, code_challenge: challenge, code_challenge_method: 'S256', ...more },
  })}`;
const exchange = async ({ url }: Side, form: Record<string, string>) => {
  const body = new URLSearchParams({ client_id: APP, ...form });
  const response = await fetch(`${url}/oauth2/token`, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
const byCode = (side: Side, code: string) =>
  exchange(side, { grant_type: 'authorization_code', redirect_uri: CALLBACK, code, code_verifier: verifier });

async function signedIn({ side, ann }: Resident): Promise<Browser> {
  const browser = new Browser(server.url, server.url);
  await browser.open(authorizeUrl(side));
  return browser.submit({ email: ann.email, password: ann.password, action: 'sign-in' });
}

test('people of a tenant sign in there, and are told where they are', async () => {
  const { side, people, ann } = a;
  const authorization = await people.authorization(ann, 'openid fhirUser user/*.rs');
  const at = request(side.url);
  await at.get('/fhir/R4/Patient/ann').set('Authorization', authorization).expect(200);
  const me = await at.get('/auth/me').set('Authorization', authorization).expect(200);
  expect(JSON.stringify(me.body)).toContain('Patient/ann');
  const info = await at.get('/oauth2/userinfo').set('Authorization', authorization).expect(200);
  expect(info.body).toMatchObject({ fhirUser: `${side.url}/fhir/R4/Patient/ann` });
  for (const { url } of [main.side, b.side])
    for (const path of ['/auth/me', '/oauth2/userinfo', '/fhir/R4/Patient/ann'])
      await request(url).get(path).set('Authorization', authorization).expect(401);
});

test('the password of one store is none of another', async () => {
  const browser = new Browser(server.url, server.url);
  await browser.open(authorizeUrl(a.side));
  await browser.submit({ email: b.ann.email, password: b.ann.password, action: 'sign-in' });
  expect(browser.url).not.toContain(CALLBACK);
});

test('a session is bound to the pages of its store', async () => {
  for (const [here, elsewhere] of [
    [main, [a, b]],
    [a, [main, b]],
  ] as const) {
    const browser = await signedIn(here);
    expect(browser.query.get('code')).not.toBeNull();
    const paths = [...browser.cookies.values()].map(({ path }) => path);
    for (const path of paths)
      expect(path.startsWith(`${new URL(here.side.url).pathname}/oauth2`.replace('//', '/'))).toBe(true);
    await browser.open(authorizeUrl(here.side));
    expect(browser.url).toContain(CALLBACK);
    const cookies = [...browser.cookies].map(([name, { value }]) => `${name.split(' ')[0]!}=${value}`);
    for (const { side } of elsewhere) {
      await browser.open(authorizeUrl(side));
      expect(browser.url).not.toContain(CALLBACK);
      // Also where somebody sends them along.
      const response = await fetch(authorizeUrl(side, { prompt: 'none' }), {
        redirect: 'manual',
        headers: { Cookie: cookies.join('; ') },
      });
      expect(response.headers.get('location')).toContain('error=login_required');
    }
  }
});

test('a page of the account is one of its store', async () => {
  const browser = await signedIn(a);
  await browser.open(`${a.side.url}/oauth2/account`);
  expect([browser.status, browser.text.includes(a.ann.email)]).toEqual([200, true]);
  await browser.open(`${b.side.url}/oauth2/account`);
  expect(browser.url).toContain(`${b.side.url}/oauth2/interaction/`);
});

describe('what one store gives out opens no other', () => {
  test('authorization codes', async () => {
    const code = (await signedIn(a)).query.get('code')!;
    for (const { side } of [main, b]) expect((await byCode(side, code)).body.error).toBe('invalid_grant');
    expect((await byCode(a.side, code)).status).toBe(200);
  });

  test('refresh tokens; and they are not ended by who tries', async () => {
    const code = (await signedIn(a)).query.get('code')!;
    const { refresh_token } = (await byCode(a.side, code)).body;
    const refresh = (side: Side) =>
      exchange(side, { grant_type: 'refresh_token', refresh_token: refresh_token! });
    for (const { side } of [main, b]) {
      expect((await refresh(side)).body.error).toBe('invalid_grant');
      await fetch(`${side.url}/oauth2/revoke`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: APP, token: refresh_token! }),
      });
    }
    expect((await refresh(a.side)).status).toBe(200);
  });

  test('secrets of clients', async () => {
    const { client } = a.side as TestTenant;
    for (const { side } of [main, b]) {
      const { status, body } = await exchange(side, {
        ...{ grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret },
      });
      expect([status, body.error]).toEqual([401, 'invalid_client']);
    }
  });

  test('introspection', async () => {
    const { client, authorization } = b.side as TestTenant;
    const response = await fetch(`${b.side.url}/oauth2/introspect`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
      body: new URLSearchParams({ token: (a.side as TestTenant).authorization.slice(7) }),
    });
    expect(await response.json()).toEqual({ active: false });
    expect(authorization).not.toBe((a.side as TestTenant).authorization);
  });

  test('links of invitations, which lead to their store', async () => {
    const { body } = await a.side.api().post('/User/ann/$invite').expect(200);
    const link = (body as { parameter: { name: string; valueUrl?: string }[] }).parameter[0]!.valueUrl!;
    expect(link.startsWith(`${a.side.url}/oauth2/link?token=`)).toBe(true);
    const at = (side: Side) => new Browser(server.url, server.url).open(link.replace(a.side.url, side.url));
    const own = await at(a.side);
    expect([own.status, own.text.includes('type="password"')]).toEqual([200, true]);
    for (const { side } of [main, b]) expect((await at(side)).text).not.toContain('type="password"');
  });

  test('an audience of another store is refused', async () => {
    const browser = new Browser(server.url, server.url);
    await browser.open(authorizeUrl(a.side, { aud: `${b.side.url}/fhir/R4` }));
    expect(browser.url).toContain('error=invalid_target');
  });
});

describe('discovery', () => {
  const json = async (url: string) => (await (await fetch(url)).json()) as Record<string, unknown>;

  test('each store has an issuer of its own, at each of the places where one is looked for', async () => {
    const { origin, pathname } = new URL(a.side.url);
    const document = await json(`${a.side.url}/.well-known/openid-configuration`);
    expect(document).toMatchObject({
      issuer: a.side.url,
      authorization_endpoint: `${a.side.url}/oauth2/authorize`,
      token_endpoint: `${a.side.url}/oauth2/token`,
      jwks_uri: `${a.side.url}/oauth2/jwks`,
    });
    expect(JSON.stringify(document)).not.toContain(`"${origin}/oauth2`);
    for (const url of [
      `${a.side.url}/.well-known/oauth-authorization-server`,
      `${origin}/.well-known/oauth-authorization-server${pathname}`,
      `${origin}/.well-known/openid-configuration${pathname}`,
      `${origin}/.well-known/openid-configuration${pathname}?x=y`,
    ])
      expect(await json(url)).toEqual(document);
    expect((await json(`${origin}/.well-known/openid-configuration`)).issuer).toBe(origin);
    expect(await json(`${a.side.url}/fhir/R4/.well-known/smart-configuration`)).toMatchObject({
      issuer: a.side.url,
      token_endpoint: `${a.side.url}/oauth2/token`,
    });
  });

  test('and signs with a key of its own', async () => {
    const keys = await Promise.all([main, a, b].map(({ side }) => json(`${side.url}/oauth2/jwks`)));
    const moduli = keys.map(({ keys }) => (keys as { n: string }[])[0]!.n);
    expect(new Set(moduli).size).toBe(3);
  });
});
