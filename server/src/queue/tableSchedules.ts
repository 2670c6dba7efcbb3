import { isBusy } from '../fhir/outcome.ts';
import type { HeldSchedule, ScheduleTable } from '../store/schedules/scheduleTable.ts';
import { nextTime } from './cron.ts';
import { DueWorker, type DueKey, type DueWork } from './dueWorker.ts';
import type { DueHandler, Schedule, Schedules } from './schedules.ts';
import type { StoreQueue } from './storeQueue.ts';

export interface TableSchedulesParts {
  table: ScheduleTable;
  queue: StoreQueue;
  /** Told of what a handler rejects with; must not log content. */
  onDefect: (error: unknown) => void;
}

const IDLE_MS = 1_000;
/** Another server takes over so long after one has died. */
const LEASE_MS = 15_000;
const KEEP_MS = 4_000;
/** Done at a time. */
const RUNS_MAX = 16;
/** Before a time is given up for the next one: over half a minute. */
const ATTEMPTS_MIN = 6;
const REST_MS_MIN = 1_000;
const REST_MS_MAX = 3_600_000;
const UTC = 'UTC';

/** Schedules whose due times are rows of a table. */
export class TableSchedules implements Schedules, DueWork {
  readonly kind = 'schedule';
  readonly #parts: TableSchedulesParts;
  readonly #handlers = new Map<string, DueHandler>();
  readonly #worker: DueWorker;

  constructor(parts: TableSchedulesParts) {
    const { queue, onDefect } = parts;
    this.#parts = parts;
    this.#worker = new DueWorker({ work: this, queue, onDefect, idleMs: IDLE_MS, runsMax: RUNS_MAX });
  }

  start(): void {
    this.#worker.start();
  }

  /** Ends when what is being done has ended. */
  stop(): Promise<void> {
    return this.#worker.stop();
  }

  async put({ name, cron, timeZone = UTC }: Schedule): Promise<void> {
    await this.#parts.table.put(name, cron, timeZone, await nextTime(cron, timeZone, new Date()));
  }

  remove(name: string): Promise<void> {
    return this.#parts.table.remove(name);
  }

  names(prefix: string): Promise<string[]> {
    return this.#parts.table.names(prefix);
  }

  handle(prefix: string, handler: DueHandler): void {
    this.#handlers.set(prefix, handler);
  }

  async isAsked(): Promise<boolean> {
    return this.#handlers.size > 0 && this.#parts.table.isAsked([...this.#handlers.keys()]);
  }

  due(limit: number): Promise<DueKey[]> {
    return this.#parts.table.due([...this.#handlers.keys()], limit);
  }

  async carryOut(name: string): Promise<boolean> {
    const handler = [...this.#handlers].find(([prefix]) => name.startsWith(prefix))?.[1];
    const held = handler && (await this.#parts.table.claim(name, LEASE_MS));
    if (held) await this.#settle(held, await this.#isDone(held, handler));
    return false;
  }

  async #isDone(held: HeldSchedule, handler: DueHandler): Promise<boolean> {
    const { table, onDefect } = this.#parts;
    const { name, due } = held;
    const keeping = setInterval(() => void table.keep(held, LEASE_MS).catch(() => undefined), KEEP_MS);
    try {
      await handler({ name, dueAt: due, key: `${name}@${due.toISOString()}` });
      return true;
    } catch (error) {
      if (!isBusy(error)) onDefect(error);
      return false;
    } finally {
      clearInterval(keeping);
    }
  }

  /** What failed is tried again, at least a few times, and until the next time has come. */
  async #settle(held: HeldSchedule, isDone: boolean): Promise<void> {
    const { cron, timeZone, due, now, failures } = held;
    const { table } = this.#parts;
    const isMissed = failures + 1 >= ATTEMPTS_MIN && (await nextTime(cron, timeZone, due)) <= now;
    if (isDone || isMissed) await table.next(held, await nextTime(cron, timeZone, due > now ? due : now));
    else await table.failed(held, Math.min(REST_MS_MAX, REST_MS_MIN * 2 ** Math.min(failures, 30)));
  }
}
