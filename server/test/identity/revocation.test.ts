import { beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMINISTRATION_NOTICE, channelOf } from '../../src/store/identity/revocation.ts';
import { basic, post, tokens } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT, type IdentityServer } from './support.ts';

const { server, second } = identityForFile();
const ASKED = { scope: 'openid patient/*.rs offline_access' };
const BACKEND = { ...PUBLIC_CLIENT, id: 'backend', authentication: 'secret' } as const;
let secret: string;
beforeAll(async () => {
  server().clients.set(BACKEND.id, { ...BACKEND, grantTypes: ['client_credentials'], redirectUris: [] });
  secret = await server().identity.clientSecrets.make(BACKEND.id);
});

const works = (at: IdentityServer, token: unknown): Promise<boolean> =>
  at.identity.authenticate(`Bearer ${String(token)}`).then(
    () => true,
    () => false,
  );
/** Less than the minute for which another server would remember a token of which it heard nothing. */
const SOON_MS_MAX = 30_000;
/** Until an answer of another server has come round. */
async function isSoonGone(at: IdentityServer, token: unknown): Promise<void> {
  const deadline = Date.now() + SOON_MS_MAX;
  while (await works(at, token)) {
    if (Date.now() > deadline) throw new Error(`the token still works after ${SOON_MS_MAX} ms`);
    await sleep(5);
  }
}
const revoke = (token: string, client = PUBLIC_CLIENT.id) =>
  post(server(), 'revoke', { token, client_id: client });

describe('revoking', () => {
  test('an access token: it works nowhere any more, here at once', async () => {
    const other = await second();
    const { access_token: token } = await tokens(server(), ASKED);
    expect([await works(server(), token), await works(other, token)]).toEqual([true, true]);
    expect((await revoke(token!)).status).toBe(200);
    expect(await works(server(), token)).toBe(false);
    await isSoonGone(other, token);
  });

  test('a refresh token ends all that came of the grant', async () => {
    const { access_token: token, refresh_token: refreshToken } = await tokens(server(), ASKED);
    expect(await works(server(), token)).toBe(true);
    await revoke(refreshToken!);
    expect(await works(server(), token)).toBe(false);
    const { body } = await post(server(), 'introspect', { token: token!, client_id: PUBLIC_CLIENT.id });
    expect(body).toEqual({ active: false });
  });

  test('tokens of a client, and of a user, also at other servers', async () => {
    const other = await second();
    const { body } = await post(
      server(),
      'token',
      { grant_type: 'client_credentials' },
      basic(BACKEND.id, secret),
    );
    const { access_token: users } = await tokens(server(), ASKED);
    for (const at of [server(), other])
      expect([await works(at, body.access_token), await works(at, users)]).toEqual([true, true]);
    await server().identity.revokeClient(BACKEND.id);
    expect([await works(server(), body.access_token), await works(server(), users)]).toEqual([false, true]);
    await isSoonGone(other, body.access_token);
    await server().identity.revokeUser('nurse');
    expect(await works(server(), users)).toBe(false);
    await isSoonGone(other, users);
  });

  test("somebody else's token is not revoked", async () => {
    server().clients.set('other', { ...PUBLIC_CLIENT, id: 'other' });
    const { access_token: token } = await tokens(server(), ASKED);
    expect((await revoke(token!, 'other')).status).toBe(200);
    expect(await works(server(), token)).toBe(true);
  });

  test.each(['', 'unknown', 'a.b.c'])('an unknown one ("%s") is no 500', async (token) => {
    expect((await revoke(token)).status).toBeLessThan(500);
  });
});

describe('what is remembered', () => {
  /** As the database says it when a User, a ClientApplication or a policy is written. */
  const administrationChanged = async () => {
    const { database, schema } = server().test;
    const values = [channelOf(schema), ADMINISTRATION_NOTICE];
    await database.write({ name: '', text: 'SELECT pg_notify($1, $2)', values });
  };

  test('does not outlast its user or client, once that is said', async () => {
    const { access_token: token } = await tokens(server(), ASKED);
    const user = server().users.get('nurse')!;
    const other = await second();
    expect([await works(server(), token), await works(other, token)]).toEqual([true, true]);
    server().users.set('nurse', { ...user, active: false });
    await administrationChanged();
    await isSoonGone(server(), token);
    await isSoonGone(other, token);
    server().users.set('nurse', user);
    expect(await works(server(), token)).toBe(true);
    server().clients.set(PUBLIC_CLIENT.id, { ...PUBLIC_CLIENT, active: false });
    server().identity.forgetAll();
    expect(await works(server(), token)).toBe(false);
    server().clients.set(PUBLIC_CLIENT.id, PUBLIC_CLIENT);
  });

  test('counts for nothing while revocations cannot be heard', async () => {
    const other = await second();
    const { access_token: token } = await tokens(server(), ASKED);
    expect(await works(other, token)).toBe(true);
    await other.identity.stop();
    await revoke(token!);
    expect(await works(other, token)).toBe(false);
  });
});

describe('introspection', () => {
  test('a client is told of its own tokens, a resource server of all', async () => {
    const { access_token: token } = await tokens(server(), ASKED);
    const ask = () => post(server(), 'introspect', { token: token! }, basic('rs', rsSecret));
    server().clients.set('rs', {
      ...BACKEND,
      id: 'rs',
      grantTypes: ['client_credentials'],
      redirectUris: [],
    });
    const rsSecret = await server().identity.clientSecrets.make('rs');
    expect((await ask()).body).toEqual({ active: false });
    const { clients } = server();
    clients.set('rs', { ...clients.get('rs')!, mayIntrospectAll: true });
    expect((await ask()).body).toMatchObject({
      active: true,
      sub: 'nurse',
      scope: ASKED.scope,
      token_type: 'Bearer',
    });
    const anonymous = await post(server(), 'introspect', { token: token! });
    expect(anonymous.status).toBe(400);
  });
});

describe('a token that never was one', () => {
  test.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Basic eDp5',
    `Bearer ${'x'.repeat(43)}`,
    'Bearer a b',
    "Bearer '; DROP TABLE x; --",
    `Bearer ${'x'.repeat(10_000)}`,
    'Bearer \u0000',
  ])('is refused: %j', async (header) => {
    await expect(server().identity.authenticate(header)).rejects.toMatchObject({
      category: 'login',
      issues: [{ code: 'login' }],
    });
  });

  test('nor do a code, a refresh token or an id_token open anything', async () => {
    const { refresh_token: refreshToken, id_token: idToken } = await tokens(server(), ASKED);
    expect([await works(server(), refreshToken), await works(server(), idToken)]).toEqual([false, false]);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
