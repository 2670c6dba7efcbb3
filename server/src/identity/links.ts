import { randomBytes } from 'node:crypto';
import type { ArtifactTable } from '../store/identity/artifacts.ts';
import { LINK_PATH } from './paths.ts';
import type { UserAccount } from './ports.ts';

export type LinkPurpose = 'invitation' | 'password-reset' | 'email-verification';

const HOUR_S = 3600;
export const LINK_LIFETIME_S: Readonly<Record<LinkPurpose, number>> = {
  invitation: 7 * 24 * HOUR_S,
  'password-reset': HOUR_S,
  'email-verification': 3 * 24 * HOUR_S,
};

/** What a link is good for. */
export interface LinkContent {
  purpose: LinkPurpose;
  userId: string;
  /** The user's when the link was made: to another one it does not apply any more. */
  email: string;
}

export interface NewLink {
  link: string;
  expiresAtMs: number;
}

const MODEL = 'Link';
const TOKEN_BYTES = 32;

/**
 * Links that stand for having got a mail: good once and for a while, stored as hashes, and naming the issuer, whatever name a request
 * came by. They end with all that the user was given.
 */
export class Links {
  readonly #artifacts: ArtifactTable;
  readonly #issuer: string;

  constructor(artifacts: ArtifactTable, issuer: string) {
    this.#artifacts = artifacts;
    this.#issuer = issuer;
  }

  async make(purpose: LinkPurpose, { id, email }: UserAccount): Promise<NewLink> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const payload: LinkContent = { purpose, userId: id, email };
    const expiresInS = LINK_LIFETIME_S[purpose];
    const expiresAtMs = Date.now() + expiresInS * 1000;
    await this.#artifacts.put({ model: MODEL, id: token, payload, expiresInS, account: id });
    return { link: `${this.#issuer}${LINK_PATH}?token=${token}`, expiresAtMs };
  }

  /** To look at a link uses nothing up: mail servers open links too. */
  async find(token: string): Promise<LinkContent | undefined> {
    return (await this.#artifacts.findGood(MODEL, token))?.payload as LinkContent | undefined;
  }

  async take(token: string): Promise<LinkContent | undefined> {
    return (await this.#artifacts.take(MODEL, token))?.payload as LinkContent | undefined;
  }
}
