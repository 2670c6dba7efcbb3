import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OAuthClient } from '../../src/identity/ports.ts';
import { basic, claimsOf, post, refresh, tokens } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT, USER, type IdentityServer } from './support.ts';

const { server, second } = identityForFile();
const APP = { ...PUBLIC_CLIENT, id: 'jwt-app', accessTokenFormat: 'jwt' } as const;
const BACKEND: OAuthClient = {
  id: 'jwt-backend',
  active: true,
  authentication: 'secret',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  accessTokenFormat: 'jwt',
};
const ASKED = { client_id: APP.id, scope: 'openid fhirUser patient/*.rs launch/patient offline_access' };
let secret: string;
let key: { privateKey: KeyObject; kid: string };
beforeAll(async () => {
  server().clients.set(APP.id, APP);
  server().clients.set(BACKEND.id, BACKEND);
  secret = await server().identity.clientSecrets.make(BACKEND.id);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  key = { privateKey, kid: headerOf(await token()).kid as string };
});

const token = async (): Promise<string> => (await tokens(server(), ASKED)).access_token!;
const backendToken = async (): Promise<string> => {
  const { body } = await post(
    server(),
    'token',
    { grant_type: 'client_credentials' },
    basic(BACKEND.id, secret),
  );
  return body.access_token as string;
};
const works = (jwt: string, at: IdentityServer = server()): Promise<boolean> =>
  at.identity.authenticate(`Bearer ${jwt}`).then(
    () => true,
    () => false,
  );
const introspect = async (jwt: string) =>
  (await post(server(), 'introspect', { token: jwt, client_id: APP.id })).body;

/** As whoever checks tokens by himself gets it. */
async function ownKey(): Promise<KeyObject> {
  const jwks = (await (await fetch(`${server().issuer}/oauth2/jwks`)).json()) as { keys: JsonWebKey[] };
  return createPublicKey({ key: jwks.keys[0]!, format: 'jwk' });
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const headerOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString()) as Record<string, unknown>;
/** A JWT with other members, signed by whoever. */
const forged = (jwt: string, header: object, claims: object, signed: (text: string) => Buffer): string => {
  const text = `${part({ ...headerOf(jwt), ...header })}.${part({ ...claimsOf(jwt), ...claims })}`;
  return `${text}.${signed(text).toString('base64url')}`;
};
const byOther = (text: string): Buffer => sign('RSA-SHA256', Buffer.from(text), key.privateKey);

describe('a JWT', () => {
  test('is what RFC 9068 says, to be checked by whoever has the keys of the server', async () => {
    const { access_token: jwt } = await tokens(server(), ASKED);
    expect(headerOf(jwt!)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    const [header, claims, signature] = jwt!.split('.');
    const signed = Buffer.from(`${header}.${claims}`);
    const publicKey = await ownKey();
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature!, 'base64url'))).toBe(true);
    const payload = claimsOf(jwt!);
    expect(payload).toMatchObject({
      iss: server().issuer,
      aud: server().fhirBase,
      jti: expect.any(String),
      iat: expect.any(Number),
    });
    expect(payload.exp as number).toBeGreaterThan(Date.now() / 1000);
    expect(payload).toMatchObject({
      sub: USER.id,
      client_id: APP.id,
      scope: expect.stringContaining('patient/*.rs'),
      patient: 'p1',
      fhirUser: `${server().fhirBase}/${USER.profile}`,
      login_id: expect.any(String),
    });
  });

  test('means what an opaque token means', async () => {
    expect(await server().identity.authenticate(`Bearer ${await token()}`)).toMatchObject({
      clientId: APP.id,
      userId: USER.id,
      profile: USER.profile,
      patient: 'p1',
      scopes: expect.arrayContaining(['patient/*.rs']),
    });
    const own = await backendToken();
    expect(await server().identity.authenticate(`Bearer ${own}`)).toMatchObject({ clientId: BACKEND.id });
    expect(claimsOf(own)).toMatchObject({ sub: BACKEND.id });
    expect(claimsOf(own)).not.toHaveProperty('login_id');
  });

  test('opens UserInfo', async () => {
    const response = await fetch(`${server().issuer}/oauth2/userinfo`, {
      headers: { Authorization: `Bearer ${await token()}` },
    });
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ sub: USER.id }),
    ]);
  });

  test('is renewed as a JWT', async () => {
    const { refresh_token: again } = await tokens(server(), ASKED);
    const { body } = await refresh(server(), again!, { client_id: APP.id });
    expect(headerOf(body.access_token as string).typ).toBe('at+jwt');
    expect(await works(body.access_token as string)).toBe(true);
  });

  test('of another client is opaque', async () => {
    const { access_token: opaque } = await tokens(server(), { scope: ASKED.scope });
    expect(opaque).not.toContain('.');
  });
});

describe('is not believed', () => {
  test('with another signature, algorithm, type, key, issuer, audience or time', async () => {
    const jwt = await token();
    const [, payload, signature] = jwt.split('.');
    const pem = (await ownKey()).export({ type: 'spki', format: 'pem' });
    const hmac = (text: string): Buffer => createHmac('sha256', pem).update(text).digest();
    const withHeader = (header: object) => `${part({ ...headerOf(jwt), ...header })}.${payload}.${signature}`;
    const none = part({ ...headerOf(jwt), alg: 'none' });
    const cases: [string, string][] = [
      ['signed by another key', forged(jwt, {}, {}, byOther)],
      ['signed by another key that it brings along', forged(jwt, { jwk: {} }, {}, byOther)],
      ['no algorithm', `${none}.${payload}.`],
      ['no algorithm, with a signature', `${none}.${payload}.${signature}`],
      ['the public key as a secret', forged(jwt, { alg: 'HS256' }, {}, hmac)],
      ['an unknown key', forged(jwt, { kid: 'other' }, {}, byOther)],
      ['no signature', `${jwt.split('.').slice(0, 2).join('.')}.`],
      [
        'a changed scope',
        forged(jwt, {}, { scope: 'user/*.cruds' }, () => Buffer.from(signature!, 'base64url')),
      ],
      ['a header of another type', withHeader({ typ: 'JWT' })],
      ['what must be understood', withHeader({ crit: ['x'], x: 1 })],
      ['no JSON', `${Buffer.from('x').toString('base64url')}.${payload}.${signature}`],
      ['a list', `${Buffer.from('[]').toString('base64url')}.${payload}.${signature}`],
      ['four parts', `${jwt}.x`],
      ['nothing', '..'],
    ];
    const believed = [];
    for (const [name, one] of cases) if (await works(one)) believed.push(name);
    expect(believed).toEqual([]);
    expect(await works(jwt)).toBe(true);
  });

  test('an id_token, though the server has signed it', async () => {
    const { id_token: idToken } = await tokens(server(), ASKED);
    expect(idToken!.split('.')).toHaveLength(3);
    expect(await works(idToken!)).toBe(false);
  });

  test('a token of another server', async () => {
    const other = await second({}, { own: true });
    expect(await works(await token(), other)).toBe(false);
  });

  test('the name of its row', async () => {
    const jwt = await token();
    const { jti } = claimsOf(jwt);
    for (const name of [`jwt:${String(jti)}`, String(jti)]) {
      expect(await works(name)).toBe(false);
      expect(await introspect(name)).toEqual({ active: false });
      await post(server(), 'revoke', { token: name, client_id: APP.id });
    }
    expect(await works(jwt)).toBe(true);
  });

  test('after its time', async () => {
    server().clients.set('brief', { ...APP, id: 'brief', accessTokenLifetimeS: 1 });
    const { access_token: jwt } = await tokens(server(), { ...ASKED, client_id: 'brief' });
    const { exp } = claimsOf(jwt!) as { exp: number };
    await sleep(Math.max(0, exp * 1000 - Date.now()) + 50);
    expect(await works(jwt!)).toBe(false);
    expect(await introspect(jwt!)).toEqual({ active: false });
  });
});

/** Less than the minute for which another server would remember a token of which it heard nothing. */
const SOON_MS_MAX = 30_000;

describe('ends at once, here and at other servers', () => {
  const ends = async (end: (jwt: string, tokensOf: Record<string, string>) => Promise<unknown>) => {
    const other = await second();
    const all = await tokens(server(), ASKED);
    const jwt = all.access_token!;
    expect([await works(jwt), await works(jwt, other)]).toEqual([true, true]);
    await end(jwt, all);
    expect(await works(jwt)).toBe(false);
    const deadline = Date.now() + SOON_MS_MAX;
    while (await works(jwt, other)) {
      if (Date.now() > deadline) throw new Error(`it still works after ${SOON_MS_MAX} ms`);
      await sleep(5);
    }
    expect(await introspect(jwt)).toEqual({ active: false });
  };

  test('when it is revoked', () =>
    ends((jwt) => post(server(), 'revoke', { token: jwt, client_id: APP.id })));
  test('when its refresh token is', () =>
    ends((_jwt, { refresh_token: again }) => post(server(), 'revoke', { token: again!, client_id: APP.id })));
  test("when all of its user's are", () => ends(() => server().identity.revokeUser(USER.id)));
  test("when all of its client's are", () => ends(() => server().identity.revokeClient(APP.id)));
  test('when its refresh token is used twice', () =>
    ends(async (_jwt, { refresh_token: again }) => {
      await refresh(server(), again!, { client_id: APP.id });
      await refresh(server(), again!, { client_id: APP.id });
    }));
});

describe('is introspected', () => {
  test('with what an opaque one has', async () => {
    expect(await introspect(await token())).toMatchObject({
      active: true,
      sub: USER.id,
      client_id: APP.id,
      patient: 'p1',
      aud: server().fhirBase,
      token_type: 'Bearer',
    });
    const own = await backendToken();
    const { body } = await post(server(), 'introspect', { token: own }, basic(BACKEND.id, secret));
    expect(body).toMatchObject({ active: true, client_id: BACKEND.id });
  });

  test('by its own client only, and revoked by it only', async () => {
    const jwt = await token();
    const { body } = await post(server(), 'introspect', { token: jwt }, basic(BACKEND.id, secret));
    expect(body).toEqual({ active: false });
    await post(server(), 'revoke', { token: jwt }, basic(BACKEND.id, secret));
    expect(await works(jwt)).toBe(true);
  });

  test('and a forged one is not told from none', async () => {
    const jwt = await token();
    for (const one of [forged(jwt, {}, {}, byOther), 'a.b.c'])
      expect(await introspect(one)).toEqual({ active: false });
  });

  test('forms that cannot be read are refused', async () => {
    const ask = (body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(`${server().issuer}/oauth2/introspect`, {
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
      });
    expect((await ask(`token=${'x'.repeat(70_000)}&client_id=${APP.id}`)).status).toBe(400);
    expect((await ask('{}', 'application/json')).status).toBe(400);
    expect((await ask(`token=a.b.c&token=d.e.f&client_id=${APP.id}`)).status).toBe(400);
    expect((await ask(`client_id=${APP.id}`)).status).toBe(400);
    expect(server().defects).toEqual([]);
  });
});
