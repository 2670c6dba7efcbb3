import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWKS } from 'oidc-provider';
import type { SecretTable } from '../../store/identity/secrets.ts';

const RSA_BITS = 2048;

/** The server's own keys, which sign id_tokens: made once for a store, sealed in its table of secrets. */
export async function signingKeys(secrets: SecretTable): Promise<JWKS> {
  const known = await secrets.sealed('server', 'jwks');
  if (known !== undefined) return JSON.parse(known) as JWKS;
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS });
  const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomUUID() };
  return JSON.parse(await secrets.sealedOnce('server', 'jwks', JSON.stringify({ keys: [key] }))) as JWKS;
}
