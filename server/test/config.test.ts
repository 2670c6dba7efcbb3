import { describe, expect, test } from '@jest/globals';
import { ConfigError, VARIABLES, readConfig } from '../src/config.ts';

test('the defaults make a configuration', () => {
  expect(readConfig({})).toMatchObject({
    port: 8103,
    host: '127.0.0.1',
    searchHandling: 'strict',
    demo: true,
  });
});

test('an empty value counts as unset', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 8103, databaseUrl: undefined });
});

test('what $import may fetch is taken in the normal form of URLs', () => {
  const value = 'https://Files.Example:443/a/../bulk, http://127.0.0.1:9000,';
  expect(readConfig({ IMPORT_ALLOW: value }).importAllow).toEqual([
    'https://files.example/bulk',
    'http://127.0.0.1:9000/',
  ]);
  expect(readConfig({}).importAllow).toEqual([]);
});

test.each([
  ['https://fhir.clinic.example', true],
  ['http://localhost:8103', true],
  ['http://fhir.clinic.example', false],
])('another HOST than loopback with PUBLIC_URL=%s: %s', (PUBLIC_URL, taken) => {
  const read = () => readConfig({ HOST: '0.0.0.0', PUBLIC_URL });
  if (taken) expect(read()).toMatchObject({ host: '0.0.0.0', publicUrl: PUBLIC_URL });
  else expect(read).toThrow('HOST is not a loopback address');
});

test('the first administrator client needs both its variables', () => {
  const both = { MAXRAY_ADMIN_CLIENT_ID: 'first', MAXRAY_ADMIN_CLIENT_SECRET: '0123456789abcdef' };
  expect(readConfig(both)).toMatchObject({ adminClientId: 'first', adminClientSecret: '0123456789abcdef' });
  for (const name of Object.keys(both)) expect(() => readConfig({ ...both, [name]: '' })).toThrow(name);
});

test.each(['records@clinic.example', 'The clinic <records@clinic.example>'])(
  'mail comes from %s',
  (MAIL_FROM) => {
    expect(readConfig({ SMTP_URL: 'smtps://mail.clinic.example', MAIL_FROM })).toMatchObject({
      mailFrom: MAIL_FROM,
    });
  },
);

test('a secret of the first administrator client that could be guessed is refused, and not repeated', () => {
  const read = (secret: string) =>
    readConfig({ MAXRAY_ADMIN_CLIENT_ID: 'first', MAXRAY_ADMIN_CLIENT_SECRET: secret });
  for (const secret of ['x'.repeat(15), 'x'.repeat(513)])
    expect(() => read(secret)).toThrow(
      /^MAXRAY_ADMIN_CLIENT_SECRET has \d+ characters. It takes: text of 16 to 512/,
    );
  expect(read('x'.repeat(512)).adminClientId).toBe('first');
});

test('a bridge elsewhere needs its address, and one of our own gets what is meant for it, and no secret of ours', () => {
  expect(() => readConfig({ DICOM: 'external' })).toThrow('DICOM_BRIDGE_URL');
  const url = 'https://bridge.example:8443';
  expect(readConfig({ DICOM: 'external', DICOM_BRIDGE_URL: `${url}/` })).toMatchObject({
    dicom: 'external',
    dicomBridgeUrl: url,
  });
  const forBridge = { DICOM_PORT: '104', ORTHANC_PASSWORD: 'secret of Orthanc', PATH: '/bin' };
  const ours = { MAXRAY_ADMIN_CLIENT_ID: 'first', MAXRAY_ADMIN_CLIENT_SECRET: '0123456789abcdef' };
  const { dicom, dicomEnvironment } = readConfig({ ...forBridge, ...ours, HOME: undefined });
  expect({ dicom, dicomEnvironment }).toEqual({ dicom: 'embedded', dicomEnvironment: forBridge });
});

describe('a wrong value stops the start and names the variable', () => {
  test.each([
    ['PORT', 'http'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['HOST', '0.0.0.0'],
    ['PUBLIC_URL', 'ftp://x'],
    ['PUBLIC_URL', 'https://x/?a=b'],
    ['CORS_ORIGINS', 'https://a.example/path'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['DATABASE_SCHEMA', 'Robert"; DROP'],
    ['MAXRAY_DEMO', 'yes'],
    ['MAXRAY_ROLES', 'no'],
    ['MAXRAY_ADMIN_CLIENT_ID', 'a b'],
    ['CLIENT_REGISTRATION', 'maybe'],
    ['BLOB_URL', 'http://x'],
    ['SEARCH_HANDLING', 'loose'],
    ['VALIDATION', 'none'],
    ['VALIDATE_REFERENCES', 'some'],
    ['SEARCH_TIMEOUT_MS', '1'],
    ['BODY_BYTES_MAX', '1e6'],
    ['BINARY_BYTES_MAX', '0'],
    ['TRANSACTION_ENTRIES_MAX', '0'],
    ['REQUEST_TIMEOUT_MS', 'soon'],
    ['IMPORT_ALLOW', '*'],
    ['IMPORT_ALLOW', 'files.example'],
    ['IMPORT_ALLOW', 'file:///data/'],
    ['IMPORT_ALLOW', 'https://a.example/ https://b.example/@'],
    ['IMPORT_ALLOW', 'https://user@a.example/'],
    ['IMPORT_ALLOW', 'https://a.example/?b'],
    ['DICOM', 'on'],
    ['DICOM_BRIDGE_URL', 'http://bridge.example:8080'],
    ['DICOM_BRIDGE_URL', 'https://bridge.example/path'],
    ['DICOM_BRIDGE_URL', 'ftp://127.0.0.1'],
    ['BOTS', '../charge'],
    ['BOTS_FOLDER', '/nowhere/bots'],
    ['BOTS_FOLDER', 'package.json'],
    ['MAIL_FROM', 'nobody'],
    ['MFA_POLICIES', 'maxray-doctor maxray-nurse'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s', (name, value) => {
    const variable = VARIABLES.find((v) => v.name === name)!;
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(name);
    expect(() => readConfig({ [name]: value })).toThrow(variable.type);
  });
});

describe('numbers are taken within both bounds that are told, and nowhere else', () => {
  const numbers = VARIABLES.flatMap(({ name, type }) => {
    const [, min, max] = /, (\d+) to (\d+)$/.exec(type) ?? [];
    return min === undefined ? [] : [[name, Number(min), Number(max)] as const];
  });

  test.each(numbers)('%s from %d to %d', (name, min, max) => {
    for (const value of [min, max]) expect(() => readConfig({ [name]: String(value) })).not.toThrow();
    for (const value of [min - 1, max + 1])
      expect(() => readConfig({ [name]: String(value) })).toThrow(`${name} is out of its range`);
  });
});

const WHERE = new Set(['MAXRAY_DATA_DIR', 'BOTS_FOLDER', 'BLOB_URL']); // settled where it is used
const withDefault = VARIABLES.filter(
  ({ name, default: value }) =>
    !['', 'http://HOST:PORT'].includes(value) && !WHERE.has(name) && !name.endsWith('_FILE'),
);

test.each(withDefault)('the default of $name is $default', ({ name, default: value }) => {
  const told = readConfig({ [name]: value });
  expect({ ...told, dicomEnvironment: {} }).toEqual(readConfig({})); // the bridge gets what is set
});
