import { describe, expect, test } from '@jest/globals';
import type { OAuthClient } from '../../src/identity/ports.ts';
import { basic, exchange, authorize, post, refresh, tokens } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT } from './support.ts';

const { server } = identityForFile();
const DAY_S = 24 * 3600;
const ASKED = { scope: 'openid fhirUser launch/patient patient/*.rs offline_access' };

const isGone = async (token: unknown): Promise<void> =>
  expect(server().identity.authenticate(`Bearer ${String(token)}`)).rejects.toMatchObject({
    category: 'login',
  });

describe('refreshing', () => {
  test('gives new tokens with the same scopes and the same patient, and the old one is used up', async () => {
    const first = await tokens(server(), ASKED, { patient: 'p2' });
    const { status, body } = await refresh(server(), first.refresh_token!);
    expect({ status, scope: body.scope, patient: body.patient }).toEqual({
      status: 200,
      scope: ASKED.scope,
      patient: 'p2',
    });
    expect(body.refresh_token).not.toBe(first.refresh_token);
    expect(await server().identity.authenticate(`Bearer ${body.access_token}`)).toMatchObject({
      patient: 'p2',
    });
  });

  test('a used one, used again, ends the whole family', async () => {
    const first = await tokens(server(), ASKED);
    const second = (await refresh(server(), first.refresh_token!)).body;
    await server().identity.authenticate(`Bearer ${second.access_token}`);
    const reuse = await refresh(server(), first.refresh_token!);
    expect([reuse.status, reuse.body.error]).toEqual([400, 'invalid_grant']);
    await isGone(first.access_token);
    await isGone(second.access_token);
    const third = await refresh(server(), second.refresh_token as string);
    expect(third.body.error).toBe('invalid_grant');
  });

  test('the same one twice at once ends the family too', async () => {
    const { refresh_token: token } = await tokens(server(), ASKED);
    const answers = await Promise.all([refresh(server(), token!), refresh(server(), token!)]);
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const { body } of given) {
      await isGone(body.access_token);
      expect((await refresh(server(), body.refresh_token as string)).body.error).toBe('invalid_grant');
    }
  });

  test.each([
    'openid patient/*.cruds',
    'user/*.rs',
    'system/*.rs',
    `${ASKED.scope} email`,
    'patient/*.rs patient/*.u',
  ])('never more than was granted: %s', async (scope) => {
    const { refresh_token: token } = await tokens(server(), ASKED);
    const { status, body } = await refresh(server(), token!, { scope });
    expect([status, body.error]).toEqual([400, 'invalid_scope']);
  });

  test('less is given where less is asked for', async () => {
    const { refresh_token: token } = await tokens(server(), ASKED);
    expect((await refresh(server(), token!, { scope: 'patient/*.rs' })).body.scope).toBe('patient/*.rs');
  });

  test('what the client may not have any more is left out', async () => {
    const { refresh_token: token } = await tokens(server(), ASKED);
    server().clients.set(PUBLIC_CLIENT.id, { ...PUBLIC_CLIENT, scopes: ['openid', 'patient/Patient.rs'] });
    const { body } = await refresh(server(), token!);
    server().clients.set(PUBLIC_CLIENT.id, PUBLIC_CLIENT);
    expect(body.scope).toBe('openid');
  });

  test('not for another client, another audience, or a user who is gone', async () => {
    const { refresh_token: token } = await tokens(server(), ASKED);
    server().clients.set('other', { ...PUBLIC_CLIENT, id: 'other' });
    const other = await refresh(server(), token!, { client_id: 'other' });
    const elsewhere = await refresh(server(), token!, { resource: 'https://other.example/fhir' });
    expect([other.body.error, elsewhere.body.error]).toEqual(['invalid_grant', 'invalid_target']);
    const again = await tokens(server(), ASKED);
    const user = server().users.get('nurse')!;
    server().users.set('nurse', { ...user, active: false });
    const gone = await refresh(server(), again.refresh_token!);
    server().users.set('nurse', user);
    expect(gone.body.error).toBe('invalid_grant');
  });

  test('no refresh token without offline_access or online_access', async () => {
    expect(await tokens(server(), { scope: 'openid patient/*.rs' })).not.toHaveProperty('refresh_token');
  });
});

describe('how long a refresh token is good', () => {
  const confidential: OAuthClient = { ...PUBLIC_CLIENT, id: 'confidential', authentication: 'secret' };
  const lifetimeOf = async (client: OAuthClient, scope: string): Promise<number> => {
    server().clients.set(client.id, client);
    const secret = await server().identity.clientSecrets.make(client.id);
    const headers = client.authentication === 'secret' ? basic(client.id, secret) : {};
    const browser = await authorize(server(), { client_id: client.id, scope });
    const { body } = await exchangeBy(client, browser.query.get('code')!, headers);
    const answer = await post(
      server(),
      'introspect',
      { token: body.refresh_token as string, client_id: client.id },
      headers,
    );
    return (answer.body.exp as number) - (answer.body.iat as number);
  };
  const exchangeBy = (client: OAuthClient, code: string, headers: Record<string, string>) =>
    client.authentication === 'none'
      ? exchange(server(), code, { client_id: client.id })
      : exchange(server(), code, { client_id: client.id }, headers);

  const offline = 'openid offline_access';
  test.each<[string, OAuthClient, number, string]>([
    ['confidential: 90 days', confidential, 90 * DAY_S, offline],
    ['public: 7 days', { ...PUBLIC_CLIENT, id: 'public-2' }, 7 * DAY_S, offline],
    ['while signed in: 7 days', confidential, 7 * DAY_S, 'openid online_access'],
    ['first-party: 7 days', { ...confidential, id: 'own', firstParty: true }, 7 * DAY_S, offline],
    ['as the client says', { ...confidential, id: 'said', refreshTokenLifetimeS: 1000 }, 1000, offline],
  ])('%s', async (_name, client, expected, scope) => {
    expect(await lifetimeOf(client, scope)).toBe(expected);
  });
});

test('no defect was seen', () => {
  expect(server().defects).toEqual([]);
});
