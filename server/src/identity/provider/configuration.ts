import { createHmac } from 'node:crypto';
import {
  errors,
  type Client,
  type Configuration,
  type JWKS,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Revocation } from '../../store/identity/revocation.ts';
import { withAccountClient } from '../account/accountClient.ts';
import { launchMembers, type Launches } from '../launch.ts';
import { renderErrorPage, renderSignedOut, renderSignOut } from '../pages/signOut.ts';
import { INTERACTION_PATH, OAUTH_PATHS, REGISTRATION_PATH, USERINFO_PATH } from '../paths.ts';
import type { GrantType, IdentityPorts, OAuthClient } from '../ports.ts';
import { findAccount, fhirUserClaim, userOf } from './accounts.ts';
import { artifactAdapter } from './adapter.ts';
import { inOAuthWords } from './failures.ts';
import { clientAdapter } from './clientMetadata.ts';
import { JWKS_BYTES_MAX, keyFetch } from './keyFetch.ts';
import {
  accessLifetimeS,
  CODE_LIFETIME_S,
  GRANT_LIFETIME_S,
  INTERACTION_LIFETIME_S,
  refreshLifetimeS,
  SESSION_LIFETIME_S,
} from './lifetimes.ts';
import { interactionPrompts } from './prompts.ts';
import { ACCESS_JWT_ALGORITHM } from '../tokens/accessJwts.ts';
import { storesJwts } from './storedJwts.ts';
import { allowedScopes, defaultSystemScopes, IDENTITY_SCOPES } from './scopes.ts';

export interface ProviderParts {
  /** Absolute URL without a slash at its end. */
  issuer: string;
  ports: IdentityPorts;
  artifacts: ArtifactTable;
  launches: Launches;
  /** Absolute URL of the FHIR base: the one audience of access tokens. */
  fhirBase: string;
  jwks: JWKS;
  secretKey: Uint8Array;
  /** Origins of clients' key sets that may be private addresses. */
  privateKeyOrigins: readonly string[];
  onRevoked(revocation: Revocation): void;
}

/** The member of a client's metadata that carries the whole of it: set by the adapter, never by the network. */
const OWN_METADATA = 'maxray_client';
/** Signing algorithms of client assertions that SMART asks for (SMART App Launch 2.2, "Asymmetric authentication"). */
export const ASSERTION_ALGORITHMS = ['RS384', 'ES384'] as const;
/** A client assertion is good for no longer (there as well). */
const ASSERTION_LIFETIME_S_MAX = 300;
const CLOCK_TOLERANCE_S = 15;

export const clientOf = (client: Client): OAuthClient => client[OWN_METADATA] as OAuthClient;

/** Configuration of oidc-provider: OAuth 2.0 and SMART, and nothing besides. */
export function providerConfiguration(parts: ProviderParts): Configuration {
  const { ports, artifacts, fhirBase, secretKey } = parts;
  const storeJwt = storesJwts(artifacts);
  const clients = clientAdapter(withAccountClient(ports.clients, parts.issuer), OWN_METADATA);
  return {
    adapter: (model) =>
      model === 'Client' ? clients : artifactAdapter(model, artifacts, (gone) => parts.onRevoked(gone)),
    jwks: parts.jwks,
    routes: OAUTH_PATHS,
    scopes: IDENTITY_SCOPES,
    claims: {
      openid: ['sub', 'amr'],
      profile: ['name', 'fhirUser'],
      email: ['email'],
      fhirUser: ['fhirUser'],
    },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: ASSERTION_ALGORITHMS,
      idTokenSigningAlgValues: ['RS256'],
    },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: CLOCK_TOLERANCE_S,
    assertJwtClientAuthClaimsAndHeader: (_ctx, { exp }) => refuseLongAssertion(Number(exp)),
    extraClientMetadata: { properties: [OWN_METADATA] },
    extraParams: {
      aud: (_ctx, value) => refuseOtherAudience(value, fhirBase),
      launch: async (_ctx, value, client) => {
        if (value !== undefined) await parts.launches.find(value, client.clientId);
      },
    },
    features: featuresOf(parts),
    cookies: cookiesOf(secretKey, parts.issuer),
    clientBasedCORS: (_ctx, origin, client) => originsOf(clientOf(client)).has(origin),
    fetch: keyFetch(parts.privateKeyOrigins),
    fetchResponseBodyLimits: { jwks_uri: JWKS_BYTES_MAX, sector_identifier_uri: JWKS_BYTES_MAX },
    ttl: {
      AccessToken: (_ctx, _token, client) => accessLifetimeS(clientOf(client)),
      ClientCredentials: (_ctx, _token, client) => accessLifetimeS(clientOf(client)),
      IdToken: (_ctx, _token, client) => accessLifetimeS(clientOf(client)),
      RefreshToken: (_ctx, token, client) => refreshLifetimeS(clientOf(client), token.scopes),
      AuthorizationCode: CODE_LIFETIME_S,
      Grant: GRANT_LIFETIME_S,
      Interaction: INTERACTION_LIFETIME_S,
      Session: SESSION_LIFETIME_S,
    },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client, { scopes }) =>
      client.grantTypeAllowed('refresh_token') &&
      (scopes.has('offline_access') || scopes.has('online_access')),
    expiresWithSession: () => false, // signing out ends grants by their session (identity.ts)
    loadExistingGrant: (ctx) => grantOfThisRequest(ctx),
    revokeGrantPolicy: () => false, // the adapter ends the grant with its tokens
    extraTokenClaims: async (_ctx, token) => {
      if (!('grantId' in token) || token.grantId === undefined) return undefined;
      const { accountId, grantId } = token;
      const user = accountId === undefined ? undefined : await inOAuthWords(ports.users.byId(accountId));
      const context = await parts.launches.ofGrant(grantId);
      return { ...launchMembers(context), ...(user && fhirUserClaim(user, fhirBase)) };
    },
    formats: {
      customizers: {
        jwt: async (ctx, token, jwt) => {
          await inOAuthWords(storeJwt(token, jwt));
          const profile = ctx.oidc.entities.Account && userOf(ctx.oidc.entities.Account)?.profile;
          // Medplum's client then asks /auth/me whose it is.
          if (profile !== undefined) jwt.payload.login_id = jwt.payload.jti;
        },
      },
    },
    findAccount: (_ctx, id) => findAccount(ports.users, id, fhirBase),
    interactions: {
      policy: interactionPrompts({ launches: parts.launches, clientOf }),
      url: (_ctx, { uid }) => `${parts.issuer}${INTERACTION_PATH}${uid}`,
    },
    renderError: (ctx, out) => renderErrorPage(ctx, out),
    discovery: endpointsOfOurs(parts.issuer, ports.clients.register !== undefined),
  };
}

function featuresOf({ fhirBase }: ProviderParts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    userinfo: { enabled: false }, // the provider's takes no token that has an audience: userInfo.ts does
    clientCredentials: { enabled: true },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) =>
        token.clientId === client.clientId || clientOf(client).mayIntrospectAll === true,
    },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: renderSignOut,
      postLogoutSuccessSource: renderSignedOut,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => fhirBase,
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, resource, client) => {
        refuseOtherAudience(resource, fhirBase);
        return { scope: scopesOf(ctx, clientOf(client)), audience: fhirBase, ...formatFor(clientOf(client)) };
      },
    },
  };
}

const formatFor = ({ accessTokenFormat }: OAuthClient): Pick<ResourceServer, 'accessTokenFormat' | 'jwt'> =>
  accessTokenFormat === 'jwt'
    ? { accessTokenFormat: 'jwt', jwt: { sign: { alg: ACCESS_JWT_ALGORITHM } } }
    : { accessTokenFormat: 'opaque' };

/** What of the scopes in question the client may have. @throws errors.InvalidScope when that is nothing, for a client without a user */
function scopesOf(ctx: KoaContextWithOIDC, client: OAuthClient): string {
  const { params, entities } = ctx.oidc;
  const source = entities.AuthorizationCode ?? entities.RefreshToken;
  const grant = (params?.grant_type ?? 'authorization_code') as GrantType;
  if (grant !== 'client_credentials')
    return allowedScopes(client, source?.scope ?? (params?.scope as string | undefined), grant).join(' ');
  // The provider reads the parameter again afterwards.
  params!.scope ??= defaultSystemScopes(client).join(' ');
  const scopes = allowedScopes(client, params!.scope as string, grant).join(' ');
  if (scopes === '')
    throw new errors.InvalidScope('the client may have none of the scopes: ask for system/ scopes', '');
  return scopes;
}

/** Endpoints that the provider does not have: its own discovery and SMART's say them in the same words. */
export const endpointsOfOurs = (issuer: string, withRegistration: boolean): Record<string, string> => ({
  userinfo_endpoint: `${issuer}${USERINFO_PATH}`,
  ...(withRegistration ? { registration_endpoint: `${issuer}${REGISTRATION_PATH}` } : {}),
});

function refuseOtherAudience(audience: string | undefined, fhirBase: string): void {
  if (audience === undefined || audience.replace(/\/$/, '') === fhirBase) return;
  throw new errors.InvalidTarget(`aud must be the base URL of this FHIR server, ${fhirBase}`);
}

function refuseLongAssertion(expiresAtS: number): void {
  if (expiresAtS <= Date.now() / 1000 + ASSERTION_LIFETIME_S_MAX + CLOCK_TOLERANCE_S) return;
  throw new errors.InvalidClientAuth(`exp lies more than ${ASSERTION_LIFETIME_S_MAX} seconds ahead`);
}

/** Every authorization is a grant of its own, since each may be for another patient. */
async function grantOfThisRequest(ctx: KoaContextWithOIDC) {
  const grantId = ctx.oidc.result?.consent?.grantId;
  return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
}

function originsOf(client: OAuthClient): ReadonlySet<string> {
  const origins = client.redirectUris.flatMap((uri) => (URL.canParse(uri) ? [new URL(uri).origin] : []));
  return new Set([...origins, ...(client.allowedOrigins ?? [])].filter((origin) => origin !== 'null'));
}

/**
 * Signed, so that nobody tries out ids; `Secure` is added for an https issuer. That of the session goes to our pages only: another store
 * of this origin does not see it. The provider binds the others to their own paths.
 */
function cookiesOf(secretKey: Uint8Array, issuer: string): Configuration['cookies'] {
  const path = `${new URL(issuer).pathname.replace(/\/$/, '')}/oauth2`;
  const usual = { httpOnly: true, sameSite: 'lax', signed: true } as const;
  return {
    names: { session: 'maxray_session', interaction: 'maxray_interaction', resume: 'maxray_resume' },
    keys: [createHmac('sha256', secretKey).update('identity cookies').digest('base64url')],
    long: { ...usual, path },
    short: usual,
  };
}
