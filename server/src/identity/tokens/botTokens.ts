import { randomBytes } from 'node:crypto';
import type { Identified } from '../ports.ts';

/** What a token of a bot begins with. */
const PREFIX = 'maxray-bot.';
const TOKEN_BYTES = 32;
/** Bots may do what their policies say: no app stands between. */
const SCOPES = ['system/*.cruds'];

/** A token that somebody may use who runs for a bot. */
export interface BotToken {
  token: string;
  /** Ends it. */
  revoke(): void;
}

/** What opens the server to a bot while it runs. Kept in memory: only this process takes them, and none outlives it. */
export class BotTokens {
  readonly #tokens = new Map<string, { identified: Identified; untilMs: number }>();
  /** The same object for the same bot: callers are remembered by it. */
  readonly #bots = new Map<string, Identified>();

  /** @param bot id of the Bot @param lifetimeMs after which it opens nothing, revoked or not */
  mint(bot: string, lifetimeMs: number): BotToken {
    const token = PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
    this.#tokens.set(token, { identified: this.identifiedOf(bot), untilMs: Date.now() + lifetimeMs });
    return { token, revoke: () => void this.#tokens.delete(token) };
  }

  /** Who a bot is to the server. */
  identifiedOf(bot: string): Identified {
    const known = this.#bots.get(bot);
    if (known) return known;
    const identified = { clientId: `Bot/${bot}`, scopes: SCOPES, expiresAtMs: Infinity };
    this.#bots.set(bot, identified);
    return identified;
  }

  /** Who is behind a token; undefined: it is none of a bot (any more). */
  find(token: string): Identified | undefined {
    const found = this.#tokens.get(token);
    return found && found.untilMs > Date.now() ? found.identified : undefined;
  }
}
