/** Paths of the authorization server below the issuer. */
export const OAUTH_PATHS = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  introspection: '/oauth2/introspect',
  revocation: '/oauth2/revoke',
  end_session: '/oauth2/logout',
  jwks: '/oauth2/jwks',
} as const;

/** Claims about the user of an access token (OpenID Connect Core 1.0, 5.3). */
export const USERINFO_PATH = '/oauth2/userinfo';

/** Clients register themselves (RFC 7591), where that is allowed. */
export const REGISTRATION_PATH = '/oauth2/register';

/** Pages on which people sign in and consent: followed by the id of the interaction. */
export const INTERACTION_PATH = '/oauth2/interaction/';

/** Pages outside of an authorization: a link from a mail is used, and one for a forgotten password is asked for. */
export const LINK_PATH = '/oauth2/link';
export const FORGOT_PATH = '/oauth2/forgot';

/** What a user sees and changes of the own account; further pages are below it. */
export const ACCOUNT_PATH = '/oauth2/account';

/** What administrators see of the queue of the store. */
export const QUEUES_PATH = '/oauth2/queues';

/** The script of the pages with passkeys. */
export const PASSKEY_SCRIPT_PATH = '/oauth2/passkey.js';

/** Where external providers send people back to: the redirect URI to register with them. */
export const EXTERNAL_PATH = '/oauth2/sso';

/** Discovery documents (OpenID Connect Discovery 1.0; RFC 8414). */
export const DISCOVERY_PATHS = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
];

/** Absolute URLs as a CapabilityStatement names them. */
export const oauthUris = (issuer: string) => ({
  authorize: `${issuer}${OAUTH_PATHS.authorization}`,
  token: `${issuer}${OAUTH_PATHS.token}`,
  introspect: `${issuer}${OAUTH_PATHS.introspection}`,
  revoke: `${issuer}${OAUTH_PATHS.revocation}`,
});
