import { randomUUID } from 'node:crypto';
import { Pauses } from '../../background/pauses.ts';
import { reasonOf, type Log } from '../../store/postgres/log.ts';
import type { AuditTable } from '../../store/audit/auditTable.ts';
import type { Checkpoint, CheckpointTable } from '../../store/audit/checkpointTable.ts';
import type { ForwardTable } from '../../store/audit/forwardTable.ts';
import { recordOf } from '../encode.ts';
import type { Sink } from './sink.ts';

/** How often it is looked for what was sealed. */
const INTERVAL_MS = 1_000;
/** Whoever sends has the sink so long; it is renewed with each checkpoint. */
const HOLD_MS = 60_000;
/** After a failure, up to so long. */
const BACK_OFF_MS_MIN = 1_000;
const BACK_OFF_MS_MAX = 60_000;

export interface ForwarderOptions {
  table: AuditTable;
  checkpoints: CheckpointTable;
  forwards: ForwardTable;
  log: Log;
  intervalMs?: number;
}

/**
 * Sends what was sealed to a sink, in the order of the log, at least once: how far it is, is noted after each checkpoint. One process
 * at a time does so for each sink.
 */
export class Forwarder {
  readonly #sink: Sink;
  readonly #options: ForwarderOptions;
  readonly #holder = randomUUID();
  readonly #pauses = new Pauses();
  #running: Promise<void> | undefined;

  constructor(sink: Sink, options: ForwarderOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Another process may go on at once. */
  async stop(): Promise<void> {
    this.#pauses.stop();
    await this.#running;
    const { forwards, log } = this.#options;
    await forwards
      .release(this.#sink.name, this.#holder)
      .catch((error: unknown) => log('warn', `the audit forwarding was not handed on: ${reasonOf(error)}`));
    await this.#sink.close();
  }

  async #run(): Promise<void> {
    const { log, intervalMs = INTERVAL_MS } = this.#options;
    let backOffMs = 0;
    while (!this.#pauses.stopped) {
      try {
        await this.forward();
        if (backOffMs > 0) log('info', `records of the audit log are sent to ${this.#sink.name} again`);
        backOffMs = 0;
      } catch (error) {
        if (backOffMs === 0)
          log('warn', `records of the audit log cannot be sent to ${this.#sink.name}: ${reasonOf(error)}`);
        backOffMs = Math.min(Math.max(BACK_OFF_MS_MIN, backOffMs * 2), BACK_OFF_MS_MAX);
      }
      await this.#pauses.pause(Math.max(intervalMs, backOffMs));
    }
  }

  /** Sends all that is sealed, unless another process is at it. */
  async forward(): Promise<void> {
    const { checkpoints } = this.#options;
    const place = await this.#hold();
    if (place === undefined) return;
    for await (const page of checkpoints.behind(place)) {
      for (const checkpoint of page) {
        const from = await this.#hold();
        if (from === undefined || this.#pauses.stopped) return;
        await this.#send(from, checkpoint);
      }
    }
  }

  #hold(): Promise<number | undefined> {
    return this.#options.forwards.hold(this.#sink.name, this.#holder, HOLD_MS);
  }

  async #send(from: number, checkpoint: Checkpoint): Promise<void> {
    const { table, forwards } = this.#options;
    for await (const rows of table.between(from, checkpoint.last)) {
      const records = rows.map((row) => ({ place: row.place, record: recordOf(row) }));
      const isLast = rows.at(-1)!.place === checkpoint.last;
      await this.#sink.send(records, isLast ? [checkpoint] : []);
      await forwards.sent(this.#sink.name, this.#holder, rows.at(-1)!.place);
    }
  }
}
