import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError, readConfig } from '../src/config.ts';
import { bridgeSecret } from '../src/config/secret.ts';
import { VARIABLES } from '../src/config/variables.ts';

const ORTHANC = {
  ORTHANC_URL: 'http://127.0.0.1:8042/',
  ORTHANC_USERNAME: 'bridge',
  ORTHANC_PASSWORD: 'of-this-test',
};

test('without any variable the bridge answers on this machine, and keeps objects in files', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    dicomHost: '127.0.0.1',
    dicomPort: 11_112,
    aeTitle: 'MAXRAY',
    allow: [],
    apiHost: '127.0.0.1',
    apiPort: 0,
    maxrayUrl: 'http://127.0.0.1:8103',
    quietMs: 60_000,
  });
  expect(config.tls).toBeUndefined();
  expect(config.orthanc).toBeUndefined();
  expect(readConfig({ ...ORTHANC, ORTHANC_URL: '' }).orthanc).toBeUndefined();
  expect(config.secretFile).toBe(path.join(config.folder, 'bridge.secret'));
});

test('addresses have no slash at their end, and peers an AE title and an IP address', () => {
  const config = readConfig({
    ...ORTHANC,
    MAXRAY_URL: 'https://a.example/t/b/',
    DICOM_ALLOW: 'A B@::1, C@192.0.2.1',
  });
  expect(config).toMatchObject({
    maxrayUrl: 'https://a.example/t/b',
    orthanc: { url: 'http://127.0.0.1:8042', username: 'bridge', password: 'of-this-test' },
    allow: [
      { aeTitle: 'A B', address: '::1' },
      { aeTitle: 'C', address: '192.0.2.1' },
    ],
  });
});

test.each([
  ['DICOM_PORT', { DICOM_PORT: '70000' }],
  ['DICOM_AE_TITLE', { DICOM_AE_TITLE: 'MORE_THAN_SIXTEEN' }],
  ['DICOM_ALLOW', { DICOM_ALLOW: 'XRAY@unit.example' }],
  ['DICOM_TLS_CERT_FILE', { DICOM_TLS_PORT: '2762' }],
  ['DICOM_TLS_PORT', { DICOM_TLS_KEY_FILE: 'key.pem' }],
  ['ORTHANC_PASSWORD', { ...ORTHANC, ORTHANC_PASSWORD: '' }],
  ['ORTHANC_URL', { ...ORTHANC, ORTHANC_URL: 'http://user:secret@127.0.0.1' }],
  ['MAXRAY_URL', { MAXRAY_URL: 'ftp://a.example' }],
  ['DICOM_QUIET_MS', { DICOM_QUIET_MS: '-1' }],
  ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
])('a value of %s that does not fit is named', (name, env) => {
  const read = () => readConfig(env);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(new RegExp(`^${name} `));
});

test('the secret is made once, for its owner alone; a short one is refused', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-secret-'));
  try {
    const file = path.join(folder, 'dicom', 'bridge.secret');
    const secret = bridgeSecret(file);
    expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(bridgeSecret(file)).toBe(secret);
    writeFileSync(file, 'short\n');
    expect(() => bridgeSecret(file)).toThrow(/^DICOM_BRIDGE_SECRET_FILE has fewer/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('docs/configuration.md has every variable with its type, default and meaning, in its order', () => {
  const documentation = readFileSync(path.join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const [, table = ''] =
    /<!-- variables of the bridge -->([\s\S]*)<!-- end of variables of the bridge -->/.exec(documentation) ??
    [];
  const lines = table.trim().split('\n').slice(2);
  const cells = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  expect(cells).toEqual(
    VARIABLES.map(({ name, type, meaning, ...rest }) => {
      return [`\`${name}\``, type, rest.default === '' ? '(unset)' : `\`${rest.default}\``, meaning];
    }),
  );
});
