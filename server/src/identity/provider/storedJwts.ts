import type { AccessToken, ClientCredentials } from 'oidc-provider';
import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import { storedName } from '../tokens/accessJwts.ts';
import { artifactAdapter } from './adapter.ts';

/** What a JWT is made of: the claims of its payload, before it is signed. */
export type JwtParts = { payload: Record<string, unknown> };

/**
 * Stores what an access token that becomes a JWT stands for, as the provider stores opaque ones: so that it ends as they do, and can be
 * looked up. The provider itself stores nothing of a JWT.
 */
export function storesJwts(artifacts: ArtifactTable) {
  const refuse = (): never => {
    throw new Error('nothing is revoked when a token is made');
  };
  return async (token: AccessToken | ClientCredentials, { payload }: JwtParts): Promise<void> => {
    const { kind, clientId, aud, scope, extra } = token;
    const { jti, iat, exp } = payload as { jti: string; iat: number; exp: number };
    const name = storedName(jti);
    const stored = { kind, jti: name, iat, exp, clientId, aud, scope, extra, ...ofUser(token) };
    await artifactAdapter(kind, artifacts, refuse).upsert(name, stored, exp - iat);
  };
}

function ofUser(token: AccessToken | ClientCredentials): object {
  if (token.kind !== 'AccessToken') return {};
  const { accountId, grantId, gty, sessionUid, claims } = token;
  return { accountId, grantId, gty, sessionUid, claims };
}
