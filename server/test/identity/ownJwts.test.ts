import { expect, test } from '@jest/globals';
import { generateKeyPairSync, sign } from 'node:crypto';
import { ACCESS_JWT_ALGORITHM, AccessJwts } from '../../src/identity/tokens/accessJwts.ts';

const ISSUER = 'https://maxray.example';
const AUDIENCE = `${ISSUER}/fhir/R4`;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...privateKey.export({ format: 'jwk' }), alg: ACCESS_JWT_ALGORITHM, kid: 'own' };
const jwts = new AccessJwts({ jwks: { keys: [jwk] }, issuer: ISSUER, audience: AUDIENCE } as never);

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Signed by the server's own key. */
function signed(claims: object, header: object = {}): string {
  const nowS = Math.floor(Date.now() / 1000);
  const all = { iss: ISSUER, aud: AUDIENCE, exp: nowS + 60, jti: 'one', ...claims };
  const text = `${part({ alg: ACCESS_JWT_ALGORITHM, typ: 'at+jwt', kid: 'own', ...header })}.${part(all)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}

test('what the server has signed itself names a row', () => {
  expect(jwts.nameOf(signed({}))).toBeDefined();
});

test.each<[string, { claims?: object; header?: object }]>([
  ['another issuer', { claims: { iss: 'https://other.example' } }],
  ['the issuer of a tenant', { claims: { iss: `${ISSUER}/t/one` } }],
  ['another audience', { claims: { aud: 'https://other.example/fhir/R4' } }],
  ['several audiences', { claims: { aud: [AUDIENCE, 'https://other.example'] } }],
  ['a client as audience', { claims: { aud: 'app' } }],
  ['no audience', { claims: { aud: undefined } }],
  ['a time that is over', { claims: { exp: Math.floor(Date.now() / 1000) - 1 } }],
  ['no time', { claims: { exp: undefined } }],
  ['a time that is no number', { claims: { exp: '9999999999' } }],
  ['no name', { claims: { jti: undefined } }],
  ['another type', { header: { typ: 'JWT' } }],
  ['no algorithm', { header: { alg: 'none' } }],
  ['another algorithm', { header: { alg: 'HS256' } }],
  ['another key', { header: { kid: 'other' } }],
  ['what must be understood', { header: { crit: ['x'] } }],
])('also signed by the server, %s names none', (_name, { claims = {}, header }) => {
  expect(jwts.nameOf(signed(claims, header))).toBeUndefined();
});
