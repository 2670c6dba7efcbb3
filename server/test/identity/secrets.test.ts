import { expect, jest, test } from '@jest/globals';
import { authorize, basic, exchange, post, refresh } from './flow.ts';
import { identityForFile, PASSWORD, PUBLIC_CLIENT, USER } from './support.ts';

const { server } = identityForFile();
const TABLES = ['identity_artifact', 'identity_secret', 'identity_attempt'];

/** Everything that is stored, as text. */
async function dump(): Promise<string> {
  const { database, schema } = server().test;
  const texts = [];
  for (const table of TABLES) {
    const text = `SELECT * FROM "${schema}".${table}`;
    for (const row of (await database.read({ name: '', text, values: [] })).rows as Record<string, unknown>[])
      for (const value of Object.values(row))
        texts.push(
          Buffer.isBuffer(value) ? `${value.toString('latin1')} ${value.toString('base64')}` : String(value),
        );
  }
  return texts.join('\n');
}

test('what is stored, logged or told to the audit opens nothing', async () => {
  const said: unknown[] = [];
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const)
    jest.spyOn(console, name).mockImplementation((...parts) => void said.push(parts));
  const backend = { ...PUBLIC_CLIENT, id: 'backend', authentication: 'secret' } as const;
  server().clients.set('backend', { ...backend, grantTypes: ['client_credentials'], redirectUris: [] });
  const secret = await server().identity.clientSecrets.make('backend');
  const launch = await server().identity.launches.begin({
    userId: USER.id,
    clientId: PUBLIC_CLIENT.id,
    patient: 'p1',
  });
  const scope = 'openid launch launch/patient patient/*.rs offline_access';
  const browser = await authorize(server(), { scope, launch });
  const code = browser.query.get('code')!;
  const wrong = await exchange(server(), code, { code_verifier: 'planted-verifier'.repeat(3) });
  const { body } = await exchange(server(), code);
  const renewed = await refresh(server(), body.refresh_token as string);
  const machine = await post(
    server(),
    'token',
    { grant_type: 'client_credentials' },
    basic('backend', secret),
  );
  await post(server(), 'token', { grant_type: 'client_credentials' }, basic('backend', 'planted-secret'));
  expect([wrong.status, renewed.status, machine.status]).toEqual([400, 200, 200]);

  const secrets = [
    PASSWORD,
    secret,
    'planted-verifier',
    'planted-secret',
    launch,
    code,
    body.access_token,
    body.refresh_token,
    body.id_token,
    renewed.body.access_token,
    renewed.body.refresh_token,
    machine.body.access_token,
    ...[...browser.cookies.values()].map(({ value }) => value),
  ] as string[];
  expect(secrets.every((one) => one.length >= 14)).toBe(true);
  const stored = await dump();
  const told = JSON.stringify([said, server().events, server().defects]);
  expect(stored.length).toBeGreaterThan(5_000);
  for (const one of secrets) {
    expect(stored).not.toContain(one);
    expect(told).not.toContain(one);
  }
  // Private keys of the server and the context of launches are sealed as well.
  for (const word of ['"kty"', '"d":', 'patient', 'accountId']) expect(stored).not.toContain(word);
  expect(server().events.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['sign-in', 'consent', 'token-issued', 'token-refused']),
  );
});
