import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { JWKS } from 'oidc-provider';

/** Signing algorithm of access tokens that are JWTs: the one that RFC 9068 asks everybody to know. */
export const ACCESS_JWT_ALGORITHM = 'RS256';
const TYPE = 'at+jwt';
/** Name under which such a token is stored. No opaque token has a colon, so that nobody can send the name itself. */
const PREFIX = 'jwt:';

/** Name of the row of a token, by its `jti`. */
export const storedName = (jti: string): string => `${PREFIX}${jti}`;

/** Whether somebody sends, instead of a token, the name of its row. */
export const isStoredName = (token: string): boolean => token.startsWith(PREFIX);

/** Whether it has the form of a signed JWT; opaque tokens have no dots. */
export const isJwt = (token: string): boolean => token.split('.', 4).length === 3;

export interface AccessJwtsParts {
  /** The server's own keys. */
  jwks: JWKS;
  issuer: string;
  audience: string;
}

interface Claims {
  iss?: unknown;
  aud?: unknown;
  exp?: unknown;
  jti?: unknown;
}

/**
 * Access tokens that are JWTs of this server (RFC 9068). Being one opens nothing by itself: it names a row, which is there as long as the
 * token is good.
 */
export class AccessJwts {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly #issuer: string;
  readonly #audience: string;

  constructor({ jwks, issuer, audience }: AccessJwtsParts) {
    const own = jwks.keys.filter(({ alg, kid }) => alg === ACCESS_JWT_ALGORITHM && kid !== undefined);
    this.#keys = new Map(own.map((jwk) => [jwk.kid!, createPublicKey({ key: { ...jwk }, format: 'jwk' })]));
    this.#issuer = issuer;
    this.#audience = audience;
  }

  /**
   * Name of the row of a JWT that this server has signed as an access token for this very audience (RFC 9068, 4).
   *
   * @param token of the form of {@link isJwt}
   * @param mayHaveExpired of one that is only asked about
   * @returns undefined for any other
   */
  nameOf(token: string, mayHaveExpired = false): string | undefined {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const key = this.#keyOf(decoded(header));
    if (key === undefined) return undefined;
    const signed = Buffer.from(token.slice(0, header.length + 1 + payload.length));
    if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))) return undefined;
    const { iss, aud, exp, jti }: Claims = decoded(payload) ?? {};
    const isOurs = iss === this.#issuer && aud === this.#audience && typeof jti === 'string';
    const isGood = typeof exp === 'number' && (mayHaveExpired || exp * 1000 > Date.now());
    return isOurs && isGood ? storedName(jti) : undefined;
  }

  /** The key says how it is signed, and not the token. */
  #keyOf(header: Record<string, unknown> | undefined): KeyObject | undefined {
    const { alg, typ, kid, crit } = header ?? {};
    const isOne = alg === ACCESS_JWT_ALGORITHM && typ === TYPE && crit === undefined;
    return isOne && typeof kid === 'string' ? this.#keys.get(kid) : undefined;
  }
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
