import type { ClientApplication, ProjectMembership, User } from '@medplum/fhirtypes';
import type { ClientAuthentication, GrantType, OAuthClient, UserAccount } from './ports.ts';

/** What a ClientApplication does not say of its client. */
export interface ClientFacts {
  /** Whether there is a secret in the table of secrets. */
  hasSecret: boolean;
  /** What the operator knows besides: that it is one of the organisation's own, its keys, ... */
  more?: Partial<Omit<OAuthClient, 'id' | 'active'>>;
}

const GRANTS: readonly GrantType[] = ['authorization_code', 'refresh_token', 'client_credentials'];
const USER_PROFILE = /^(?:Patient|Practitioner|RelatedPerson)\/[A-Za-z0-9\-.]{1,64}$/;

/** A ClientApplication as the authorization server takes it. @throws RangeError for one without an id */
export function clientOf(resource: ClientApplication, { hasSecret, more = {} }: ClientFacts): OAuthClient {
  const { id, name, status, jwksUri, redirectUri, redirectUris = [], grantType, defaultScope } = resource;
  if (id === undefined) throw new RangeError('a stored ClientApplication has an id');
  const authentication = more.authentication ?? authenticationOf(jwksUri ?? more.jwks, hasSecret);
  const accessTokenLifetimeS = lifetimeS(resource.accessTokenLifetime);
  const refreshTokenLifetimeS = lifetimeS(resource.refreshTokenLifetime);
  const uris = [...new Set([...(redirectUri === undefined ? [] : [redirectUri]), ...redirectUris])];
  return {
    redirectUris: uris,
    grantTypes: grantsOf(grantType, authentication, uris.length > 0),
    ...(name === undefined ? {} : { name }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(defaultScope === undefined ? {} : { defaultScopes: defaultScope.flatMap((text) => text.split(' ')) }),
    ...(resource.allowedOrigin === undefined ? {} : { allowedOrigins: resource.allowedOrigin }),
    ...(accessTokenLifetimeS === undefined ? {} : { accessTokenLifetimeS }),
    ...(refreshTokenLifetimeS === undefined ? {} : { refreshTokenLifetimeS }),
    ...more,
    authentication,
    id,
    active: (status ?? 'active') === 'active',
  };
}

/**
 * A User, with the profile of its membership, as the authorization server takes it. Whether its role asks for a second factor is for
 * the directory to add.
 *
 * @param membership the ProjectMembership whose `user` it is; without one that is active nobody can sign in
 * @throws RangeError for one without an id
 */
export function accountOf(user: User, membership: ProjectMembership | undefined): UserAccount {
  const { id, email, emailVerified, firstName, lastName, mfaRequired } = user;
  if (id === undefined) throw new RangeError('a stored User has an id');
  const profile = membership?.profile?.reference;
  const isPerson = profile !== undefined && USER_PROFILE.test(profile);
  return {
    id,
    email: (email ?? '').toLowerCase(),
    name: `${firstName} ${lastName}`.trim(),
    active: email !== undefined && membership !== undefined && membership.active !== false,
    ...(isPerson ? { profile } : {}),
    ...(emailVerified === undefined ? {} : { emailVerified }),
    ...(mfaRequired === true ? { mfaRequired } : {}),
  };
}

/** A client with neither key nor secret is public. */
function authenticationOf(keys: unknown, hasSecret: boolean): ClientAuthentication {
  if (keys !== undefined) return 'key';
  return hasSecret ? 'secret' : 'none';
}

/** Those that it names, else all that it can use: no client_credentials without a proof, no code without a way back. */
function grantsOf(
  named: readonly string[] | undefined,
  authentication: ClientAuthentication,
  canReturn: boolean,
): GrantType[] {
  const wanted = GRANTS.filter((grant) => named === undefined || named.includes(grant));
  return wanted.filter((grant) => (grant === 'client_credentials' ? authentication !== 'none' : canReturn));
}

const UNITS_S: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  y: 365 * 86_400,
};

/** `2w`, `1h`: what the types' constraint allows. Undefined for anything else, and for nothing at all. */
function lifetimeS(text: string | undefined): number | undefined {
  const [, count, unit] = /^(\d{1,9})([smhdwy])$/.exec(text ?? '') ?? [];
  const seconds = count === undefined ? 0 : Number(count) * UNITS_S[unit!]!;
  return seconds > 0 ? seconds : undefined;
}
