import { beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/store/postgres/database.ts';
import { until } from '../support/program.ts';
import { authorizeUrl, basic, post, refresh, tokens } from './flow.ts';
import { identityForFile, PASSWORD, PUBLIC_CLIENT, USER, type IdentityServer } from './support.ts';

const { server, second } = identityForFile();

describe('while the database is away', () => {
  let away: IdentityServer;
  let token: string;
  let refreshToken: string;
  beforeAll(async () => {
    const { connection } = server().test;
    const database = await openDatabase({ connection });
    away = await second({ database });
    const given = await tokens(server(), { scope: 'openid patient/*.rs offline_access' });
    [token, refreshToken] = [given.access_token!, given.refresh_token!];
    away.clients.set('backend', { ...PUBLIC_CLIENT, id: 'backend', authentication: 'secret' });
    await away.identity.authenticate(`Bearer ${token}`);
    await database.close();
  });

  test('the endpoints say so in words of OAuth', async () => {
    for (const { status, body } of [
      await refresh(away, refreshToken),
      await post(away, 'introspect', { token, client_id: 'public-app' }),
      await post(away, 'revoke', { token, client_id: 'public-app' }),
      await post(away, 'token', { grant_type: 'client_credentials' }, basic('backend', 'x')),
    ])
      expect({ status, error: body.error }).toEqual({ status: 503, error: 'temporarily_unavailable' });
  });

  test('so do the pages', async () => {
    const browser = await away.browser().open(authorizeUrl(away));
    expect(browser.url).toContain('temporarily_unavailable');
    const started = await server().browser().open(authorizeUrl(server()));
    const url = started.url.replace(server().issuer, away.issuer);
    const cookie = [...started.cookies]
      .map(([key, { value }]) => `${key.split(' ')[0]!}=${value}`)
      .join('; ');
    const page = await fetch(url, {
      method: 'POST',
      headers: { Cookie: cookie },
      body: new URLSearchParams({ email: USER.email, password: PASSWORD, action: 'sign-in' }),
    });
    expect([page.status, (await page.text()).includes('try again')]).toEqual([503, true]);
  });

  test('a token that is remembered still counts, as long as revocations are heard; others are told to wait', async () => {
    // On a busy machine it may just not have been heard for a moment whether there are any.
    const userId = () => away.identity.authenticate(`Bearer ${token}`).then((known) => known.userId);
    await until(async () => (await userId().catch(() => 'busy')) === USER.id, 'it counts');
    await expect(away.identity.authenticate(`Bearer ${'x'.repeat(43)}`)).rejects.toMatchObject({
      category: 'busy',
    });
  });

  test('nothing of it is a defect', () => {
    expect(away.defects).toEqual([]);
  });
});
