import { afterAll, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readExternalProviders } from '../../src/config/externalProviders.ts';
import { readConfig } from '../../src/config.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'maxray-sso-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const written = (value: unknown): string => {
  const file = path.join(folder, 'providers.json');
  fs.writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
};

const secretFile = path.join(folder, 'secret');
fs.writeFileSync(secretFile, ' from a file\n');
const HOSPITAL = {
  id: 'hospital',
  name: 'City hospital',
  issuer: 'https://login.hospital.example',
  clientId: 'maxray',
  clientSecretFile: secretFile,
  secondFactor: true,
};

test('providers get their secrets from files and variables', () => {
  const other = { ...HOSPITAL, id: 'local', issuer: 'http://localhost:1', secondFactor: undefined };
  const file = written([
    HOSPITAL,
    { ...other, clientSecretFile: undefined, clientSecretVariable: 'X_SECRET' },
  ]);
  const { clientSecretFile: _file, ...rest } = HOSPITAL;
  expect(readConfig({ SSO_PROVIDERS_FILE: file, X_SECRET: 'from a variable' }).externalProviders).toEqual([
    { ...rest, clientSecret: 'from a file' },
    {
      ...rest,
      id: 'local',
      issuer: 'http://localhost:1',
      clientSecret: 'from a variable',
      secondFactor: false,
    },
  ]);
  expect(readConfig({}).externalProviders).toEqual([]);
});

test.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /is no JSON/],
  ['no array', {}, /is no array/],
  ['null', [null], /no id in \[0\]/],
  ['no name', [{ ...HOSPITAL, name: '' }], /no name in \[0\]/],
  ['an id that is a path', [{ ...HOSPITAL, id: '../x' }], /an id in \[0\]/],
  ['one id twice', [HOSPITAL, HOSPITAL], /two providers of one id/],
  ['an issuer without TLS', [{ ...HOSPITAL, issuer: 'http://hospital.example' }], /no https URL/],
  ['an issuer that is none', [{ ...HOSPITAL, issuer: 'hospital' }], /no https URL/],
  ['no secret', [{ ...HOSPITAL, clientSecretFile: undefined }], /neither clientSecretFile/],
  ['a secret that is away', [{ ...HOSPITAL, clientSecretFile: '/nowhere' }], /cannot be read/],
  [
    'an empty secret',
    [{ ...HOSPITAL, clientSecretFile: undefined, clientSecretVariable: 'X_SECRET' }],
    /secret in \[0\] that is empty/,
  ],
])('%s stops the start', (_name, value, problem) => {
  expect(() => readExternalProviders(written(value), {})).toThrow(problem);
  expect(() => readExternalProviders(written(value), {})).toThrow('SSO_PROVIDERS_FILE');
});

test('mail needs a sender', () => {
  expect(() => readConfig({ SMTP_URL: 'smtps://mail.example' })).toThrow('MAIL_FROM');
  expect(() => readConfig({ SMTP_URL: 'https://mail.example', MAIL_FROM: 'a@b.example' })).toThrow(
    'SMTP_URL',
  );
});
