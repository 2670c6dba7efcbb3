import { expect } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Bundle } from '@medplum/fhirtypes';
import { People } from '../../../server/test/support/people.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import { botId, type BotDefinition, type BotEvent, type BotHandler } from '../../lib/define/define.ts';
import { BotEvents, type Stored } from './botEvents.ts';
import { CUT_KINDS, Interruption, type Cut, type CutKind } from './interrupted.ts';
import { comparable, keyOf } from './state.ts';

const MARKER = 'bot-test-marker';
/** What the server writes about writes. */
const LEFT_OUT = new Set(['Provenance', 'AuditEvent']);
/** Calls of one run; more is a loop. */
const CALLS_MAX = 500;

/** What a test tells of a bot's event. */
export interface Trial<Input = unknown> {
  bot: BotDefinition;
  /** Called for each run. Gateways that are guarded by `interruption` are cut off like requests to the server. */
  handler: (interruption: Interruption) => BotHandler<Input>;
  /**
   * Puts the world in order that the event meets, before each trial: whatever was written since the last one is deleted. What a bot
   * changes must be written here, by ids of its own; what it only reads may be written once, by {@link BotWorkshop.put}.
   */
  arrange(): Promise<BotEvent<Input>>;
  /** What came of it outside the server, as JSON: what gateways hold, by idempotency key. */
  outside?: () => unknown;
  /** Ways to be cut off; absent: all. */
  kinds?: readonly CutKind[];
}

/** What a trial left behind, and how many calls its first run made. */
interface Left {
  calls: number;
  state: { stored: string[]; outside: unknown };
}

/** Runs handlers against a real server, under their own policies: one for each test file. */
export class BotWorkshop {
  readonly server: TestServer;
  readonly #people: People;
  readonly #tokens = new Map<string, string>();

  private constructor(server: TestServer) {
    this.server = server;
    this.#people = new People(server);
  }

  static async open(overrides: Parameters<typeof startTestServer>[0] = {}): Promise<BotWorkshop> {
    const workshop = new BotWorkshop(await startTestServer(overrides));
    await workshop.#people.prepare();
    return workshop;
  }

  close(): Promise<void> {
    return this.server.stop();
  }

  get base(): string {
    return `${this.server.url}/fhir/R4`;
  }

  /** Stores a resource as the administrator. @returns it as it was stored */
  async put<T extends Stored>(resource: T): Promise<T> {
    const path = `/${resource.resourceType}/${resource.id}`;
    return (await this.#send('put', path, resource)) as T;
  }

  /** @returns what a search finds, as the administrator */
  async search<T extends Stored = Stored>(path: string): Promise<T[]> {
    const { entry = [] } = (await this.#send('get', `/${path}`)) as Bundle;
    return entry.map(({ resource }) => resource as T);
  }

  events(bot: BotDefinition): BotEvents {
    return new BotEvents(bot, this.base);
  }

  /** A client of the bot, with its own rights. */
  async clientOf(bot: BotDefinition, interruption = new Interruption()): Promise<MedplumClient> {
    const passed: typeof fetch = (url, init) =>
      interruption.pass(async () => {
        const response = await fetch(url, init);
        // All of the answer has come, or none: a body that is read later is no call of its own.
        const body = await response.arrayBuffer();
        const { status, headers } = response;
        return new Response(body.byteLength === 0 ? null : body, { status, headers });
      });
    const accessToken = await this.#tokenOf(bot);
    return new MedplumClient({
      baseUrl: this.server.url,
      fhirUrlPath: 'fhir/R4',
      accessToken,
      fetch: passed,
      maxRetries: 0,
    });
  }

  /** The handler once, undisturbed. @returns what it returned, and what it left behind */
  async run<Input>(trial: Trial<Input>): Promise<{ result: unknown; stored: string[]; outside: unknown }> {
    let result: unknown;
    const { state } = await this.#trial(trial, async (event) => {
      const interruption = new Interruption();
      result = await this.#handled(trial, event, interruption);
      return interruption.calls;
    });
    return { result, ...state };
  }

  /** Expects that an event handled twice leaves what it leaves when it is handled once. */
  async expectTwiceAsOnce<Input>(trial: Trial<Input>): Promise<void> {
    const once = await this.#undisturbed(trial);
    const twice = await this.#trial(trial, async (event) => {
      await this.#handled(trial, event, new Interruption());
      await this.#handled(trial, event, new Interruption());
      return 0;
    });
    expect(twice.state).toEqual(once.state);
  }

  /**
   * Expects that a run cut off at any of its calls, in any way, and begun again leaves what an undisturbed one leaves.
   *
   * @returns how many runs were cut off
   */
  async expectToSurvive<Input>(trial: Trial<Input>): Promise<number> {
    const expected = await this.#undisturbed(trial);
    expect(expected.calls).toBeGreaterThan(0);
    let runs = 0;
    for (const how of trial.kinds ?? CUT_KINDS) {
      for (let call = 1; ; call++) {
        if (call > CALLS_MAX) throw new Error(`the handler makes more than ${CALLS_MAX} calls`);
        const cut = { call, how };
        const left = await this.#trial(trial, (event) => this.#cutOff(trial, event, cut));
        if (left.calls < call) break; // it ended before
        runs += 1;
        expect({ cut, ...left.state }).toEqual({ cut, ...expected.state });
      }
    }
    return runs;
  }

  async #cutOff<Input>(trial: Trial<Input>, event: BotEvent<Input>, cut: Cut): Promise<number> {
    const interruption = new Interruption(cut);
    const run = this.#handled(trial, event, interruption).catch(() => 'failed');
    await Promise.race([run, interruption.killed]);
    const { calls } = interruption;
    await this.#handled(trial, event, new Interruption());
    return calls;
  }

  async #undisturbed<Input>(trial: Trial<Input>): Promise<Left> {
    return this.#trial(trial, async (event) => {
      const interruption = new Interruption();
      await this.#handled(trial, event, interruption);
      return interruption.calls;
    });
  }

  async #handled<Input>(
    { bot, handler }: Trial<Input>,
    event: BotEvent<Input>,
    interruption: Interruption,
  ): Promise<unknown> {
    // A copy: each run is told the same, whatever one before has done with it.
    return handler(interruption)(await this.clientOf(bot, interruption), structuredClone(event));
  }

  async #trial<Input>(trial: Trial<Input>, act: (event: BotEvent<Input>) => Promise<number>): Promise<Left> {
    await this.#tokenOf(trial.bot);
    const since = await this.#mark();
    const fromMs = Date.parse(since) - 1;
    const event = await trial.arrange();
    const given = new Set((await this.#written(since)).map(keyOf));
    const calls = await act(event);
    const written = await this.#written(since);
    const stored = comparable(written, given, { fromMs, toMs: Date.now() + 1 });
    const outside: unknown = structuredClone(trial.outside?.() ?? null);
    await this.#remove(written);
    return { calls, state: { stored, outside } };
  }

  /** @returns when the mark was made, by the server's clock */
  async #mark(): Promise<string> {
    const code = { text: String(performance.now()) };
    const mark: Stored = await this.put({ resourceType: 'Basic', id: MARKER, code });
    return mark.meta!.lastUpdated!;
  }

  /** What was written since a mark and is there. The history shows what is settled: until a mark of now is in it, some may be missing. */
  async #written(since: string): Promise<Stored[]> {
    const mark = await this.#mark();
    for (;;) {
      const latest = new Map<string, Stored | undefined>();
      let isSettled = false;
      let url: string | undefined = `/_history?_since=${encodeURIComponent(since)}&_count=1000`;
      while (url !== undefined) {
        const page: Bundle = (await this.#send('get', url)) as Bundle;
        for (const { fullUrl = '', resource } of page.entry ?? []) {
          const one = resource as Stored | undefined;
          const key = fullUrl.split('/').slice(-2).join('/');
          if (key === `Basic/${MARKER}`) isSettled ||= one!.meta!.lastUpdated! >= mark;
          else if (!latest.has(key)) latest.set(key, one); // the newest comes first
        }
        url = page.link?.find(({ relation }) => relation === 'next')?.url?.slice(this.base.length);
      }
      if (!isSettled) continue;
      return [...latest.values()].flatMap((one) => (one && !LEFT_OUT.has(one.resourceType) ? [one] : []));
    }
  }

  async #remove(written: readonly Stored[]): Promise<void> {
    if (written.length === 0) return;
    const entry = written.map((one) => ({ request: { method: 'DELETE', url: keyOf(one) } }));
    await this.#send('post', '/', { resourceType: 'Bundle', type: 'transaction', entry });
  }

  async #tokenOf(bot: BotDefinition): Promise<string> {
    const id = botId(bot);
    const known = this.#tokens.get(id);
    if (known !== undefined) return known;
    await this.put({ resourceType: 'AccessPolicy', id, name: id, ...bot.policy } as Stored);
    const authorization = await this.#people.client(id, { profile: `Bot/${id}`, policies: [id] });
    const token = authorization.slice('Bearer '.length);
    this.#tokens.set(id, token);
    return token;
  }

  async #send(method: 'get' | 'put' | 'post', path: string, body?: object): Promise<object> {
    const headers = { Authorization: this.server.authorization, 'Content-Type': 'application/fhir+json' };
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as object;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }
}
