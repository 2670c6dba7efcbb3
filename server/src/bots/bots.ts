import { FhirError, fhirError } from '../fhir/outcome.ts';
import { isId } from '../fhir/id.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Destinations } from '../outgoing/destinations.ts';
import { LOCAL_CALLER, type Caller } from '../records/caller.ts';
import type { Records } from '../records/records.ts';
import { OUTCOME, type AuditLog } from '../records/trail/trail.ts';
import { readBot, type Bot } from './bot.ts';
import { BotError } from './botError.ts';
import {
  answerOf,
  inputOf,
  requireReadable,
  toldHeaders,
  type BotAnswer,
  type BotCall,
  type CallOrigin,
} from './calls.ts';
import type { GuestEvent, Program } from './guest/frames.ts';
import type { Deployments } from './outside/deployments.ts';
import { GuestRequests } from './outside/requests.ts';
import { RunLog, type LogLine } from './runLog.ts';
import { WAIT_MS_MAX, type WorkerPool } from './workers/pool.ts';

/** What lets a bot in while it runs (identity). */
export interface BotTokens {
  /** @param lifetimeMs after which it opens nothing, revoked or not */
  mint(bot: string, lifetimeMs: number): { token: string; revoke(): void };
  /** Who a bot is to the server. */
  identifiedOf(bot: string): NonNullable<Caller['token']>;
}

export interface BotsParts {
  records: Pick<Records, 'read'>;
  deployments: Deployments;
  tokens: BotTokens;
  pool: WorkerPool;
  audit: Pick<AuditLog, 'append'>;
  /** Root URL as clients know it, without a slash at its end. */
  root: string;
  /** The same as this process reaches it. */
  localRoot: string;
  /** Path of the FHIR base below both, without slashes at its ends. */
  fhirPath: string;
  /** Where bots from outside may send something, of what their Bots allow. */
  destinations: Destinations;
  /** Told of each run that ended. @param outcome `done`, a BotFailure, or `not run` */
  onRun?: (outcome: string) => void;
  /** Files of MaxRay's own bots, by the ids of their Bots. */
  modules: ReadonlyMap<string, string>;
  /** By name. */
  secrets: ReadonlyMap<string, string>;
}

/** What runs a bot. */
export interface BotRun {
  bot: string;
  /** In the words of the audit log, without patient data: `Subscription/1`, `$execute`. */
  trigger: string;
  contentType: string;
  input: { value: unknown } | { bytes: Uint8Array };
  headers: Record<string, string>;
  /** Who asks; absent: the server itself, or nobody who is known. */
  requester?: Caller;
  /** Where it was asked from; absent: it was not asked from elsewhere, or that is recorded with the request. */
  origin?: CallOrigin;
}

/** Longer than a run, which may wait for its place first: a token is ended with its run in any case. */
const TOKEN_BEYOND_MS = WAIT_MS_MAX + 5_000;
const BOT = 'Bot';

/** Runs bots in processes of their own, each with the rights of its own membership, and records each run. */
export class Bots {
  readonly #parts: BotsParts;
  readonly #log = new RunLog();

  constructor(parts: BotsParts) {
    this.#parts = parts;
  }

  /** Who a bot is to the server, where something is written for it. */
  tokenOf(bot: string): NonNullable<Caller['token']> {
    return this.#parts.tokens.identifiedOf(bot);
  }

  /** The time that a run may take, in milliseconds. @throws FhirError `not-found` */
  async timeoutMs(bot: string): Promise<number> {
    return (await this.#read(bot)).timeoutMs;
  }

  /** Whether somebody may have a bot run: who administers, the bot itself, and whom a policy lets. */
  mayExecute(
    { isAdministrator, bots, token }: Pick<Caller, 'isAdministrator' | 'bots' | 'token'>,
    bot: string,
  ): boolean {
    return isAdministrator || bots?.has(bot) === true || token?.clientId === `${BOT}/${bot}`;
  }

  /** What the bot said lately on this server. */
  linesOf(bot: string): readonly LogLine[] {
    return this.#log.of(bot);
  }

  /**
   * Runs a bot for who has not signed in.
   * @throws BotError; FhirError `not-found` where it is no public webhook, which tells nothing of what Bots there are
   */
  async runWebhook(id: string, call: BotCall, origin: CallOrigin): Promise<BotAnswer | undefined> {
    const bot = isId(id) ? await this.#read(id).catch(ifNotThere) : undefined;
    if (!bot?.isPublicWebhook) throw fhirError('not-found', 'not-found', 'There is no such webhook.');
    const { contentType, bytes } = call;
    const headers = toldHeaders(call, origin.requestId);
    const run = { bot: id, trigger: 'webhook', contentType, input: { bytes }, headers, origin };
    try {
      return answerOf(await this.run(run));
    } catch (error) {
      if (!(error instanceof BotError) || error.category === 'busy') throw error;
      // What the bot says is for those who may have it run.
      throw fhirError('unprocessable', 'processing', 'The webhook did not take the request.');
    }
  }

  /** @throws FhirError `forbidden` where the log is not for the caller; administrators are who can read Bots */
  async deploy(caller: Caller, bot: string, code: string, filename: string): Promise<void> {
    if (this.#parts.modules.has(bot))
      throw fhirError(
        'conflict',
        'business-rule',
        "One of MaxRay's own bots has its code in the release: make a Bot of your own.",
      );
    await this.#parts.deployments.deploy(caller, bot, code, filename);
  }

  /**
   * Runs a bot once.
   *
   * @returns what its handler returned, as JSON text; undefined: nothing
   * @throws BotError; FhirError `not-found`, `busy`
   */
  async run(run: BotRun): Promise<string | undefined> {
    const bot = await this.#read(run.bot);
    const startedMs = performance.now();
    try {
      const value = await this.#carryOut(bot, run);
      await this.#record(run, OUTCOME.success, `done after ${elapsed(startedMs)}`);
      this.#parts.onRun?.('done');
      return value;
    } catch (error) {
      const failure = error instanceof BotError ? error.failure : 'not run';
      this.#parts.onRun?.(failure);
      if (error instanceof BotError) this.#log.begin(run.bot)('error', `${error.failure}: ${error.message}`);
      await this.#record(run, OUTCOME.majorFailure, `${failure} after ${elapsed(startedMs)}`);
      throw error;
    }
  }

  async #carryOut(bot: Bot, run: BotRun): Promise<string | undefined> {
    const { pool, tokens, localRoot, root, fhirPath } = this.#parts;
    if (bot.isOff) throw new BotError('off', 'The bot is switched off.');
    if ('bytes' in run.input) requireReadable({ ...run, ...run.input }, bot.takesRawBody);
    const program = await this.#program(bot);
    const isOurs = 'module' in program;
    const minted = tokens.mint(bot.id, bot.timeoutMs + TOKEN_BEYOND_MS);
    const ending = new AbortController();
    const requests = new GuestRequests({
      ...{ root, localRoot, fhirPath, allow: bot.allow, destinations: this.#parts.destinations },
      accessToken: minted.token,
      signal: ending.signal,
      onOutgoing: (method, origin, why) => this.#recordOutgoing(bot, `${method} ${origin}`, why),
    });
    try {
      return await pool.run({
        bot: `${bot.id}/${bot.memoryMb}`,
        isOurs,
        frame: () => ({
          kind: 'run',
          program,
          event: this.#event(bot, run),
          baseUrl: `${isOurs ? localRoot : root}/`,
          fhirUrlPath: fhirPath,
          ...(isOurs && { accessToken: minted.token }),
        }),
        timeoutMs: bot.timeoutMs,
        memoryMb: bot.memoryMb,
        isNested: run.requester?.token?.clientId.startsWith(`${BOT}/`) === true,
        hooks: { fetch: (request) => requests.answer(request), log: this.#log.begin(bot.id) },
      });
    } finally {
      minted.revoke();
      ending.abort();
    }
  }

  async #program({ id, code }: Bot): Promise<Program> {
    const module = this.#parts.modules.get(id);
    if (module !== undefined) return { module };
    if (code === undefined) throw new BotError('no-code', 'Nothing was deployed to the bot: call $deploy.');
    return { code: await this.#parts.deployments.code(code) };
  }

  #event(bot: Bot, { contentType, input, headers, requester }: BotRun): GuestEvent {
    const { id, name, secrets, takesRawBody } = bot;
    const kept = secrets.flatMap((secret) => {
      const valueString = this.#parts.secrets.get(secret);
      return valueString === undefined ? [] : [[secret, { name: secret, valueString }] as const];
    });
    const given =
      'bytes' in input ? inputOf({ contentType, ...input }, takesRawBody) : { input: input.value };
    const profile = requester?.agent.profile ?? requester?.id;
    return {
      bot: { reference: `${BOT}/${id}`, ...(name !== undefined && { display: name }) },
      ...{ contentType, ...given, headers, secrets: Object.fromEntries(kept) },
      ...(profile !== undefined && { requester: { reference: profile } }),
    };
  }

  async #read(id: string): Promise<Bot> {
    if (!isId(id)) throw fhirError('not-found', 'not-found', 'There is no such Bot.');
    const { content } = await this.#parts.records.read(LOCAL_CALLER, BOT, id);
    return readBot(JSON.parse(content) as Resource);
  }

  #record({ bot, trigger, origin }: BotRun, outcome: 0 | 12, outcomeText: string): Promise<void> {
    return this.#append(bot, {
      event: 'operation',
      outcome,
      outcomeText,
      query: `${BOT}/${bot} by ${trigger}`,
      ...origin,
    });
  }

  #recordOutgoing({ id }: Bot, request: string, why: string | undefined): Promise<void> {
    const outcome = why === undefined ? OUTCOME.success : OUTCOME.seriousFailure;
    const said = why === undefined ? {} : { outcomeText: why };
    return this.#append(id, { event: 'export', outcome, ...said, query: `${BOT}/${id} ${request}` });
  }

  #append(
    bot: string,
    record: {
      event: 'operation' | 'export';
      outcome: 0 | 8 | 12;
      outcomeText?: string;
      query: string;
    } & Partial<CallOrigin>,
  ): Promise<void> {
    const agent: Caller['agent'] = { client: `${BOT}/${bot}`, profile: `${BOT}/${bot}` };
    return this.#parts.audit.append({
      ...{ recordedMs: Date.now(), agent, patients: [], resources: [`${BOT}/${bot}`] },
      ...record,
    });
  }
}

/** What was deleted is not there either. */
function ifNotThere(error: unknown): undefined {
  if (!(error instanceof FhirError) || (error.category !== 'not-found' && error.category !== 'gone'))
    throw error;
}

const elapsed = (startedMs: number): string => `${Math.round(performance.now() - startedMs)} ms`;
