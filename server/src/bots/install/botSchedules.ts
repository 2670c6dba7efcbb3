import { isBusy } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Due, Schedules } from '../../queue/schedules.ts';
import { LOCAL_CALLER } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { readBot } from '../bot.ts';
import { BotError } from '../botError.ts';
import type { Bots } from '../bots.ts';
import { scheduleName } from './resources.ts';

export interface BotScheduleParts {
  records: Pick<Records, 'read' | 'parseSearch' | 'search'>;
  schedules: Pick<Schedules, 'put' | 'remove' | 'names'>;
  bots: Pick<Bots, 'run'>;
  /** Told of errors that are defects; must not log content. */
  onDefect: (error: unknown) => void;
}

/** Name of the schedule of a Bot's own cronString, as a trigger. */
const OWN = 'cron';
/** Bots of a store that run at times. */
const BOTS_MAX = 1_000;
const CONTENT_TYPE = 'application/fhir+json';

/** Runs bots at times: MaxRay's own by their triggers, others by Bot.cronString. */
export class BotSchedules {
  static readonly PREFIX = 'bot/';
  readonly #parts: BotScheduleParts;
  #isWanted = false;
  #refreshing: Promise<void> | undefined;

  constructor(parts: BotScheduleParts) {
    this.#parts = parts;
  }

  /** What is due was done when the handler has ended well; the input is the Bot, as Medplum has it. @throws what the run throws */
  async run({ name, dueAt, key }: Due): Promise<void> {
    const [, bot = ''] = name.split('/');
    const { content } = await this.#parts.records.read(LOCAL_CALLER, 'Bot', bot);
    try {
      await this.#parts.bots.run({
        bot,
        trigger: 'schedule',
        contentType: CONTENT_TYPE,
        input: { value: JSON.parse(content) as unknown },
        headers: { 'idempotency-key': key, 'x-maxray-scheduled-time': dueAt.toISOString() },
      });
    } catch (error) {
      if (error instanceof BotError && error.failure === 'off') return;
      throw error;
    }
  }

  /** Takes over what Bots say of their times. */
  refresh(): void {
    this.#isWanted = true;
    this.#refreshing ??= this.#refreshAll();
  }

  /** Ends when nothing is being taken over. */
  async settled(): Promise<void> {
    await this.#refreshing;
  }

  async #refreshAll(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#refresh();
      }
    } catch (error) {
      if (!isBusy(error)) this.#parts.onDefect(error);
    } finally {
      this.#refreshing = undefined;
    }
  }

  async #refresh(): Promise<void> {
    const { schedules } = this.#parts;
    const wanted = new Map((await this.#bots()).flatMap(scheduleOf));
    for (const name of await schedules.names(BotSchedules.PREFIX))
      if (name.endsWith(`/${OWN}`) && !wanted.has(name)) await schedules.remove(name);
    for (const [name, { text: cron, timeZone }] of wanted)
      await schedules.put({ name, cron, ...(timeZone !== undefined && { timeZone }) });
  }

  async #bots(): Promise<Resource[]> {
    const { records } = this.#parts;
    const { query } = records.parseSearch({ type: 'Bot' }, [['_count', String(BOTS_MAX)]], 'strict');
    const { matches } = await records.search(LOCAL_CALLER, query);
    return matches.map(({ content }) => JSON.parse(content) as Resource);
  }
}

function scheduleOf(resource: Resource) {
  const { id, cron } = readBot(resource);
  return cron === undefined ? [] : [[scheduleName(id, OWN), cron] as const];
}
