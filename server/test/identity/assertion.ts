import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';

/** A client's own key. */
export interface ClientKey {
  alg: 'ES384' | 'RS384' | 'RS256' | 'ES256';
  privateKey: KeyObject;
  /** Public, with a kid. */
  jwk: Record<string, unknown>;
}

export function clientKey(alg: ClientKey['alg']): ClientKey {
  const curve = alg === 'ES384' ? 'P-384' : 'P-256';
  const { privateKey, publicKey } = alg.startsWith('ES')
    ? generateKeyPairSync('ec', { namedCurve: curve })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { alg, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid: randomUUID() } };
}

/** Signs a JWT; `header` and `claims` replace what is usual. */
export function assertion(
  key: ClientKey,
  clientId: string,
  audience: unknown,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): string {
  const nowS = Math.floor(Date.now() / 1000);
  const body = { iss: clientId, sub: clientId, aud: audience, exp: nowS + 200, jti: randomUUID(), ...claims };
  const text = [{ alg: key.alg, typ: 'JWT', kid: key.jwk.kid, ...header }, body]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const hash = key.alg.endsWith('384') ? 'sha384' : 'sha256';
  const signature = sign(hash, Buffer.from(text), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
