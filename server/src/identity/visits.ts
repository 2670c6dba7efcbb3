import { randomBytes } from 'node:crypto';
import type { Artifact, ArtifactTable } from '../store/identity/artifacts.ts';
import type { Identified } from './ports.ts';

/** What a visitor of a page may do: what an access token lets its holder do, on this page alone. */
export interface NewVisit {
  /** Path of the page below the root. */
  page: string;
  /** Value of a header Authorization. */
  authorization: string;
  /** Whose it is: the visit ends with all that they were given. */
  holder: Identified;
}

/** What is kept of it. */
interface Visited {
  page: string;
  authorization: string;
  /** When its token ends; null: with the run of a bot. */
  expiresAtMs: number | null;
  /** Ids of client, user and grant. */
  owner: Pick<Artifact, 'client' | 'account' | 'grantId'>;
}

export interface VisitTicket {
  ticket: string;
  expiresAtMs: number;
}

export interface Visit {
  /** Known to the visitor's browser alone. */
  id: string;
  lifetimeS: number;
}

/** A link has to be followed within so long: it is in the URL, which is kept by browsers. */
export const TICKET_LIFETIME_S = 300;
/** A visit ends with its token, and after so long anyway. */
export const VISIT_LIFETIME_S_MAX = 3600;

const TICKET = 'VisitTicket';
const VISIT = 'Visit';
const SECRET_BYTES = 24;

/**
 * Visits of pages by people who hold an access token elsewhere: an app hands them a link with a ticket that is good once, and the browser gets a visit for it. The
 * token itself never reaches the browser; each request of a visit is judged by it as if it had been sent.
 */
export class Visits {
  readonly #artifacts: ArtifactTable;

  constructor(artifacts: ArtifactTable) {
    this.#artifacts = artifacts;
  }

  /** A ticket for a page; good once. */
  async invite({ page, authorization, holder }: NewVisit): Promise<VisitTicket> {
    const ticket = randomBytes(SECRET_BYTES).toString('base64url');
    const { clientId: client, userId: account, grantId, expiresAtMs } = holder;
    const owner = { client, account, grantId };
    const expiresInS = Math.min(TICKET_LIFETIME_S, secondsUntil(expiresAtMs));
    const payload = { page, authorization, expiresAtMs, owner };
    await this.#artifacts.put({ ...owner, model: TICKET, id: ticket, payload, expiresInS });
    return { ticket, expiresAtMs: Date.now() + expiresInS * 1000 };
  }

  /** Takes a ticket for a visit. @returns undefined where it is not good (any more) for this page */
  async begin(ticket: string, page: string): Promise<Visit | undefined> {
    const visited = (await this.#artifacts.take(TICKET, ticket))?.payload as Visited | undefined;
    if (visited?.page !== page) return undefined;
    const id = randomBytes(SECRET_BYTES).toString('base64url');
    const expiresInS = secondsUntil(visited.expiresAtMs ?? Infinity);
    await this.#artifacts.put({ ...visited.owner, model: VISIT, id, payload: visited, expiresInS });
    return { id, lifetimeS: expiresInS };
  }

  /** What to judge a request by. @returns undefined where the visit is over, or of another page */
  async authorizationOf(id: string, page: string): Promise<string | undefined> {
    const visited = (await this.#artifacts.findGood(VISIT, id))?.payload as Visited | undefined;
    return visited?.page === page ? visited.authorization : undefined;
  }
}

/** At most what a visit may last. */
const secondsUntil = (timeMs: number): number =>
  Math.max(0, Math.min((timeMs - Date.now()) / 1000, VISIT_LIFETIME_S_MAX));
