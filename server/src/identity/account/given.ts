import type { ArtifactTable } from '../../store/identity/artifacts.ts';
import type { Revocation } from '../../store/identity/revocation.ts';
import type { ClientDirectory } from '../ports.ts';
import { SESSION_LIFETIME_S } from '../provider/lifetimes.ts';
import { endSession } from '../sessions.ts';
import type { Withdrawing } from '../withdrawing.ts';
import { ACCOUNT_CLIENT_ID } from './accountClient.ts';

/** Where a session is used from: as its last request for an authorization came. */
export interface SessionFacts {
  address: string;
  /** What the browser says of itself; shortened. */
  userAgent: string;
}

export interface ListedSession {
  uid: string;
  signedInAtMs: number;
  facts: SessionFacts | undefined;
  /** Names of apps that were let in from it. */
  apps: string[];
}

export interface ListedApp {
  clientId: string;
  name: string;
  scopes: string[];
  sinceMs: number;
  /** When it got its last token. */
  usedAtMs: number;
}

const FACTS = 'SessionFacts';
const USER_AGENT_CHARS_MAX = 200;

/** What a user has been given: sessions, and access of apps. */
export class Given {
  readonly #artifacts: ArtifactTable;
  readonly #clients: ClientDirectory;
  readonly #onRevoked: (revocation: Revocation) => void;
  readonly #withdrawing: Withdrawing;

  constructor(
    artifacts: ArtifactTable,
    clients: ClientDirectory,
    onRevoked: (revocation: Revocation) => void,
    withdrawing: Withdrawing,
  ) {
    this.#artifacts = artifacts;
    this.#clients = clients;
    this.#onRevoked = onRevoked;
    this.#withdrawing = withdrawing;
  }

  /** Notes where a session is used from. */
  async seen(uid: string, userId: string, { address, userAgent }: SessionFacts): Promise<void> {
    const payload = { address, userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) };
    const artifact = { model: FACTS, id: uid, payload, expiresInS: SESSION_LIFETIME_S, account: userId };
    await this.#artifacts.put(artifact);
  }

  /** The latest sign-in first. */
  async sessions(userId: string): Promise<ListedSession[]> {
    const found = await this.#artifacts.ofAccount('Session', userId);
    const listed = found.map(async ({ payload }) => {
      const { uid, loginTs, authorizations = {} } = payload as unknown as SessionPayload;
      const facts = await this.#artifacts.find(FACTS, uid);
      const clients = Object.keys(authorizations).filter((id) => id !== ACCOUNT_CLIENT_ID);
      const apps = await Promise.all(clients.map((id) => this.#nameOf(id)));
      return {
        uid,
        signedInAtMs: loginTs * 1000,
        facts: facts?.payload as unknown as SessionFacts | undefined,
        apps,
      };
    });
    return (await Promise.all(listed)).sort((a, b) => b.signedInAtMs - a.signedInAtMs);
  }

  /** Apps with a token that is still good, by name. */
  async apps(userId: string): Promise<ListedApp[]> {
    const apps = new Map<string, ListedApp>();
    for (const { clientId, payload, sinceMs, usedAtMs } of await this.#artifacts.liveGrants(userId)) {
      const known = apps.get(clientId);
      const name = known?.name ?? (await this.#nameOf(clientId));
      const scopes = new Set([...(known?.scopes ?? []), ...scopesOf(payload)]);
      apps.set(clientId, {
        clientId,
        name,
        scopes: [...scopes],
        sinceMs: Math.min(sinceMs, known?.sinceMs ?? Infinity),
        usedAtMs: Math.max(usedAtMs, known?.usedAtMs ?? 0),
      });
    }
    return [...apps.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Ends a session of this user, with what came of it. @returns false when it has none of that name */
  async endSession(userId: string, uid: string): Promise<boolean> {
    if (!(await this.#artifacts.removeSession(uid, userId))) return false;
    await endSession(this.#artifacts, uid, this.#onRevoked);
    return true;
  }

  /** Ends all that an app was given by this user. @returns false when that was nothing */
  async endApp(userId: string, clientId: string): Promise<boolean> {
    const grants = await this.#artifacts.liveGrants(userId);
    const ended = grants.filter((grant) => grant.clientId === clientId);
    if (ended.length === 0) return false;
    return this.#withdrawing({ userId, clientId }, async () => {
      for (const { grantId } of ended) this.#onRevoked(await this.#artifacts.removeGrant(grantId));
      return true;
    });
  }

  async #nameOf(clientId: string): Promise<string> {
    return (await this.#clients.find(clientId))?.name ?? clientId;
  }
}

interface SessionPayload {
  uid: string;
  /** Seconds since 1970. */
  loginTs: number;
  authorizations?: Record<string, unknown>;
}

/** Those about resources and those about identity are all granted for the FHIR base. */
function scopesOf(grant: Record<string, unknown>): string[] {
  const resources = (grant.resources ?? {}) as Record<string, string>;
  return Object.values(resources).flatMap((scope) => scope.split(' '));
}
