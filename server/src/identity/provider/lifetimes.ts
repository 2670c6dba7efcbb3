import type { OAuthClient } from '../ports.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** Of access tokens: SMART App Launch wants no more than an hour. */
export const ACCESS_LIFETIME_S = HOUR_S;
/** Without another word of the client's. */
const FIRST_PARTY_REFRESH_S = 7 * DAY_S;
const PUBLIC_REFRESH_S = 7 * DAY_S;
/** At least three months, as the US certification asks for (ONC 170.315(g)(10)). */
const CONFIDENTIAL_REFRESH_S = 90 * DAY_S;
/** Longest time from consent to the last use; refreshing does not move it. */
export const GRANT_LIFETIME_S = 366 * DAY_S;
/** A code is exchanged at once, or not at all. */
export const CODE_LIFETIME_S = 60;
/** From the first page to the last. */
export const INTERACTION_LIFETIME_S = 15 * 60;
/** Signed in at the authorization server without being asked again. */
export const SESSION_LIFETIME_S = 10 * HOUR_S;

export const accessLifetimeS = (client: OAuthClient): number =>
  Math.min(client.accessTokenLifetimeS ?? ACCESS_LIFETIME_S, DAY_S);

/** Each refresh token is good for so long; each refresh makes a new one. */
export function refreshLifetimeS(client: OAuthClient, scopes: ReadonlySet<string>): number {
  const { refreshTokenLifetimeS, firstParty, authentication } = client;
  if (refreshTokenLifetimeS !== undefined) return Math.min(refreshTokenLifetimeS, GRANT_LIFETIME_S);
  if (firstParty) return FIRST_PARTY_REFRESH_S;
  const isLong = authentication !== 'none' && scopes.has('offline_access');
  return isLong ? CONFIDENTIAL_REFRESH_S : PUBLIC_REFRESH_S;
}
