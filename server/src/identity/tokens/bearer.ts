/** RFC 6750, 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;
/** Opaque ones have 43 characters, JWTs what their scopes have and some 700 more. */
const TOKEN_CHARS_MAX = 8192;

/** The token of an Authorization header; undefined where it has none of this form. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > TOKEN_CHARS_MAX) return undefined;
  return BEARER.exec(authorization)?.[1];
}
