import { FhirError, errorIssue, fhirError, INVALID_TOKEN } from '../../fhir/outcome.ts';
import { ACCESS_MODELS, hashOf, type ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Revocation } from '../../store/identity/revocation.ts';
import type { Identified, IdentityPorts } from '../ports.ts';
import { isJwt, type AccessJwts } from './accessJwts.ts';
import { bearerToken } from './bearer.ts';

/** Tokens that are remembered; beyond that those go that were looked up first. */
export const TOKENS_REMEMBERED_MAX = 10_000;
/** After so long even a remembered token is looked up again, with its user and client. */
export const REMEMBERED_MS_MAX = 60_000;

export interface IdentifierParts {
  jwts: AccessJwts;
  artifacts: Pick<ArtifactTable, 'findAccess'>;
  ports: Pick<IdentityPorts, 'clients' | 'users' | 'limits'>;
  /** False while revocations by other servers may go unheard: then nothing that is remembered counts. */
  trusted(): boolean;
}

interface Remembered {
  identified: Identified;
  /** As revocations name the token. */
  hashes: readonly string[];
  untilMs: number;
}

/** Who is behind an access token. What was found out once is remembered, as long as nothing says that it has ended. */
export class Identifier {
  readonly #parts: IdentifierParts;
  readonly #remembered = new Map<string, Remembered>();
  /** Counts what was forgotten: what was looked up meanwhile may be out of date already. */
  #forgotten = 0;

  constructor(parts: IdentifierParts) {
    this.#parts = parts;
  }

  /**
   * @param authorization value of the header
   * @param address where it comes from; absent: that is limited elsewhere
   * @throws FhirError `login` without a token, or with one that opens nothing (any more); throttled
   */
  async identify(authorization: string | undefined, address?: string): Promise<Identified> {
    const token = bearerToken(authorization);
    if (token === undefined) {
      this.#mayTry(address);
      throw noToken();
    }
    const known = this.known(token);
    if (known) return known;
    this.#mayTry(address);
    const forgotten = this.#forgotten;
    const name = this.#nameOf(token);
    const identified = name === undefined ? undefined : await this.#lookUp(name);
    if (name === undefined || !identified) {
      this.#remembered.delete(token);
      throw badToken();
    }
    if (forgotten === this.#forgotten) this.#remember(token, name, identified);
    return identified;
  }

  /** Who is behind a token, where that is remembered: nearly always, and nothing has to be waited for. */
  known(token: string): Identified | undefined {
    const known = this.#remembered.get(token);
    return known && known.untilMs > Date.now() && this.#parts.trusted() ? known.identified : undefined;
  }

  /** To be called with whatever was revoked, here or by another server. */
  forget({ kind, value }: Revocation): void {
    if (kind === 'administration') return this.forgetAll();
    this.#forgotten += 1;
    for (const [token, { identified, hashes }] of this.#remembered) {
      const isGone = kind === 'token' ? hashes.includes(value) : OWNERS[kind](identified) === value;
      if (isGone) this.#remembered.delete(token);
    }
  }

  forgetAll(): void {
    this.#forgotten += 1;
    this.#remembered.clear();
  }

  #mayTry(address: string | undefined): void {
    if (address !== undefined) this.#parts.ports.limits?.mayTry(address);
  }

  /** What the row of a token is found by: of an opaque one itself. */
  #nameOf(token: string): string | undefined {
    return isJwt(token) ? this.#parts.jwts.nameOf(token) : token;
  }

  async #lookUp(name: string): Promise<Identified | undefined> {
    const { artifacts, ports } = this.#parts;
    const found = await artifacts.findAccess(name);
    if (!found) return undefined;
    const { clientId, accountId, scope, exp, grantId, extra } = found.payload as unknown as AccessPayload;
    const [client, user] = await Promise.all([
      ports.clients.find(clientId),
      accountId === undefined ? undefined : ports.users.byId(accountId),
    ]);
    if (!client?.active || (accountId !== undefined && !user?.active)) return undefined;
    return {
      clientId,
      scopes: scope?.split(' ') ?? [],
      expiresAtMs: exp * 1000,
      ...(accountId === undefined ? {} : { userId: accountId }),
      ...(user?.profile === undefined ? {} : { profile: user.profile }),
      ...(grantId === undefined ? {} : { grantId }),
      ...(client.unitsPerMinute === undefined ? {} : { unitsPerMinute: client.unitsPerMinute }),
      ...(extra?.patient === undefined ? {} : { patient: extra.patient }),
      ...(extra?.encounter === undefined ? {} : { encounter: extra.encounter }),
      ...(extra?.fhirContext === undefined ? {} : { fhirContext: extra.fhirContext }),
    };
  }

  #remember(token: string, name: string, identified: Identified): void {
    const untilMs = Math.min(identified.expiresAtMs, Date.now() + REMEMBERED_MS_MAX);
    this.#remembered.delete(token);
    const hashes = ACCESS_MODELS.map((model) => hashOf(model, name).toString('hex'));
    this.#remembered.set(token, { identified, hashes, untilMs });
    if (this.#remembered.size <= TOKENS_REMEMBERED_MAX) return;
    const [oldest] = this.#remembered.keys();
    this.#remembered.delete(oldest!);
  }
}

/** What the provider stores of an access token. */
interface AccessPayload {
  clientId: string;
  accountId?: string;
  scope?: string;
  /** Seconds since 1970. */
  exp: number;
  grantId?: string;
  extra?: { patient?: string; encounter?: string; fhirContext?: object[] };
}

const OWNERS = {
  grant: ({ grantId }: Identified) => grantId,
  account: ({ userId }: Identified) => userId,
  client: ({ clientId }: Identified) => clientId,
};

const noToken = () =>
  fhirError('login', 'login', 'Sign in: send an access token in the header Authorization: Bearer.');
function badToken(): FhirError {
  const issue = errorIssue('login', 'The access token is unknown, expired or revoked: get another one.');
  return new FhirError('login', [{ ...issue, details: { coding: [{ code: INVALID_TOKEN }] } }]);
}
