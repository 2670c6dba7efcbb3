import { afterAll, describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { administratorClient, openAdministratorClient } from '../../src/identity/administratorClient.ts';
import { OwnedFileError } from '../../src/identity/ownedFile.ts';
import { basic, post } from './flow.ts';
import { identityForFile } from './support.ts';

const { server } = identityForFile();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-administrator-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const getsToken = async (clientId: string, secret: string): Promise<string> => {
  server().clients.set(clientId, administratorClient(clientId));
  const { body } = await post(
    server(),
    'token',
    { grant_type: 'client_credentials' },
    basic(clientId, secret),
  );
  return String(body.scope ?? body.error);
};

describe('the first administrator client', () => {
  test('is made in a file for its owner alone, and is the same at the next start', async () => {
    const file = path.join(folder, 'administrator-client.json');
    const first = await openAdministratorClient(server().identity.clientSecrets, undefined, file);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const { client_id: id, client_secret: secret } = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<
      string,
      string
    >;
    expect(first).toEqual({ clientId: id, file });
    expect(await getsToken(id!, secret!)).toBe('system/*.cruds');
    expect(await openAdministratorClient(server().identity.clientSecrets, undefined, file)).toEqual(first);
    expect(await getsToken(id!, secret!)).toBe('system/*.cruds');
  });

  test('is that of the configuration, whose secret may be changed', async () => {
    const file = path.join(folder, 'unused.json');
    const configured = { clientId: 'admin', clientSecret: 'first secret of all' };
    const { clientSecrets } = server().identity;
    expect(await openAdministratorClient(clientSecrets, configured, file)).toEqual({ clientId: 'admin' });
    expect(fs.existsSync(file)).toBe(false);
    expect(await getsToken('admin', 'first secret of all')).toBe('system/*.cruds');
    await openAdministratorClient(
      clientSecrets,
      { ...configured, clientSecret: 'second secret of all' },
      file,
    );
    expect(await getsToken('admin', 'first secret of all')).toBe('invalid_client');
    expect(await getsToken('admin', 'second secret of all')).toBe('system/*.cruds');
  });

  test.each([
    ['which others can read', '{"client_id":"a","client_secret":"0123456789abcdef"}', 0o644],
    ['which is no JSON', 'secret', 0o600],
    ['which is not of its form', '{"client_id":1}', 0o600],
    ['which is null', 'null', 0o600],
  ])('is not taken from a file %s', async (name, text, mode) => {
    const file = path.join(folder, name.replaceAll(' ', '-'));
    fs.writeFileSync(file, text, { mode });
    await expect(openAdministratorClient(server().identity.clientSecrets, undefined, file)).rejects.toThrow(
      OwnedFileError,
    );
  });
});
