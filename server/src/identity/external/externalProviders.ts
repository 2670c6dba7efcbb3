import * as openid from 'openid-client';
import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import { EXTERNAL_PATH } from '../paths.ts';

/** A provider of OpenID Connect that users may sign in with. */
export interface ExternalProvider {
  /** Names it in addresses and events: lower-case letters, digits and hyphens. */
  id: string;
  /** Shown to people. */
  name: string;
  /** As in its discovery document. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Whether whoever signs in there has proved a second factor: then none is asked for here. */
  secondFactor?: boolean;
}

/** Somebody as an external provider knows him. */
export interface ExternalIdentity {
  provider: ExternalProvider;
  subject: string;
  /** In lower case; only one of which the provider says that it is verified. */
  email?: string;
}

/** A sign-in that was begun: bound to the interaction, whose cookie only one browser has. */
interface Begun {
  provider: string;
  interaction: string;
  nonce: string;
  verifier: string;
  maxAgeS?: number;
}

/** It could not be finished; `code` tells events why, and nothing of what was sent. */
export class ExternalSignInError extends Error {
  readonly code: string;

  constructor(code: string, options?: ErrorOptions) {
    super(`the external sign-in failed: ${code}`, options);
    this.code = code;
  }
}

const MODEL = 'ExternalSignIn';
const BEGUN_LIFETIME_S = 600;
/** After so long, what a provider says of itself is asked for again. */
const DISCOVERED_MS_MAX = 3_600_000;
const TIMEOUT_S = 10;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface ExternalParts {
  providers: readonly ExternalProvider[];
  artifacts: ArtifactTable;
  /** Ours. */
  issuer: string;
}

/** Signs people in at other providers: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1). */
export class ExternalProviders {
  readonly list: readonly ExternalProvider[];
  readonly #artifacts: ArtifactTable;
  readonly #redirectUri: string;
  readonly #discovered = new Map<string, { atMs: number; configuration: Promise<openid.Configuration> }>();

  constructor({ providers, artifacts, issuer }: ExternalParts) {
    this.list = providers;
    this.#artifacts = artifacts;
    this.#redirectUri = `${issuer}${EXTERNAL_PATH}`;
  }

  /**
   * Address at which somebody signs in there.
   *
   * @param maxAgeS a sign-in there that lies back longer does not do
   * @throws ExternalSignInError when there is no such provider, or it cannot be reached
   */
  async begin(id: string, interaction: string, maxAgeS?: number): Promise<string> {
    const configuration = await this.#configuration(this.#provider(id));
    const [state, nonce, verifier] = [
      openid.randomState(),
      openid.randomNonce(),
      openid.randomPKCECodeVerifier(),
    ];
    const age = maxAgeS === undefined ? {} : { maxAgeS };
    const payload: Begun = { provider: id, interaction, nonce, verifier, ...age };
    await this.#artifacts.put({ model: MODEL, id: state, payload, expiresInS: BEGUN_LIFETIME_S });
    return openid.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUri,
      scope: 'openid email',
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...(maxAgeS === undefined ? {} : { max_age: String(maxAgeS) }),
    }).href;
  }

  /** The interaction in which a sign-in was begun that comes back with this state. */
  async interactionOf(state: string): Promise<string | undefined> {
    return (await this.#artifacts.findGood(MODEL, state))?.payload.interaction as string | undefined;
  }

  /**
   * Finds out who it is that comes back.
   *
   * @param query of the address that the provider sent the browser to
   * @throws ExternalSignInError
   */
  async finish(interaction: string, query: URLSearchParams): Promise<ExternalIdentity> {
    const state = query.get('state') ?? '';
    const begun = (await this.#artifacts.take(MODEL, state))?.payload as Begun | undefined;
    if (begun?.interaction !== interaction) throw new ExternalSignInError('state');
    const provider = this.#provider(begun.provider);
    const configuration = await this.#configuration(provider);
    const back = new URL(`${this.#redirectUri}?${query}`);
    const tokens = await told(
      openid.authorizationCodeGrant(configuration, back, {
        pkceCodeVerifier: begun.verifier,
        expectedState: state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
        ...(begun.maxAgeS === undefined ? {} : { maxAge: begun.maxAgeS }),
      }),
    );
    const claims = tokens.claims();
    if (!claims) throw new ExternalSignInError('no id_token');
    const { sub } = claims;
    const asks = claims.email === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined;
    const { email, email_verified: verified } = asks
      ? await told(openid.fetchUserInfo(configuration, tokens.access_token, sub))
      : claims;
    const isUsable = typeof email === 'string' && verified === true;
    return { provider, subject: sub, ...(isUsable ? { email: email.toLowerCase() } : {}) };
  }

  #provider(id: string): ExternalProvider {
    const provider = this.list.find((one) => one.id === id);
    if (!provider) throw new ExternalSignInError('unknown provider');
    return provider;
  }

  async #configuration(provider: ExternalProvider): Promise<openid.Configuration> {
    const { id, issuer, clientId, clientSecret } = provider;
    const known = this.#discovered.get(id);
    if (known && known.atMs > Date.now() - DISCOVERED_MS_MAX) return told(known.configuration);
    const url = new URL(issuer);
    // What has no TLS cannot be on another machine.
    const insecure =
      url.protocol === 'http:' && LOOPBACK.has(url.hostname) ? [openid.allowInsecureRequests] : [];
    const configuration = openid.discovery(url, clientId, undefined, openid.ClientSecretBasic(clientSecret), {
      timeout: TIMEOUT_S,
      execute: [openid.enableNonRepudiationChecks, ...insecure],
    });
    this.#discovered.set(id, { atMs: Date.now(), configuration });
    configuration.catch(() => this.#discovered.delete(id));
    return told(configuration);
  }
}

/** Whatever fails there fails the sign-in; the code is OAuth's, or that of the check that failed. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { error: said, code } = error as { error?: unknown; code?: unknown };
    const named = [said, code].find((one) => typeof one === 'string' && /^[\w-]{1,60}$/.test(one));
    throw new ExternalSignInError(String(named ?? 'unreachable'), { cause: error });
  }
}
