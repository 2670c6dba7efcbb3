import { fhirError } from '../../fhir/outcome.ts';
import { BotError } from '../botError.ts';
import type { RunFrame } from '../guest/frames.ts';
import { denoLaunch, nodeLaunch } from './launch.ts';
import { Worker, type RunHooks } from './worker.ts';

/** A run that is asked for. */
export interface PooledRun {
  /** Bots do not share processes. */
  bot: string;
  frame: RunFrame;
  timeoutMs: number;
  memoryMb: number;
  /** Whether a bot asks for it, which waits for it: such runs have places of their own. */
  isNested: boolean;
  hooks: RunHooks;
}

/** A process without work ends after so long. */
export const WORKER_IDLE_MS = 60_000;
/** Runs that wait for a place. */
export const WAITING_MAX = 200;
/** How long one may wait for a place. */
const WAIT_MS_MAX = 30_000;

/** Runs bots in processes: a process of its own for each run of code from outside, one for each bot of ours that goes on to the next event. */
export class WorkerPool {
  readonly #places: { own: Places; nested: Places };
  readonly #idle = new Map<string, { worker: Worker; timer: NodeJS.Timeout }[]>();
  readonly #alive = new Set<Worker>();
  #isStopped = false;

  /** @param runsMax runs at a time */
  constructor(runsMax: number) {
    this.#places = { own: new Places(runsMax), nested: new Places(runsMax) };
  }

  /** @throws BotError; FhirError `busy` where there is no place */
  async run(run: PooledRun): Promise<string | undefined> {
    const places = run.isNested ? this.#places.nested : this.#places.own;
    await places.take();
    try {
      return await this.#carryOut(run);
    } finally {
      places.give();
    }
  }

  /** Ends all processes at once. What they were at has failed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const idle of this.#idle.values()) for (const { timer } of idle) clearTimeout(timer);
    const alive = [...this.#alive];
    for (const worker of alive) worker.end(stopped());
    await Promise.all(alive.map(({ ended }) => ended));
  }

  async #carryOut({ bot, frame, timeoutMs, memoryMb, hooks }: PooledRun): Promise<string | undefined> {
    if (this.#isStopped) throw stopped();
    const isOurs = 'module' in frame.program;
    const worker = (isOurs && this.#takeIdle(bot)) || this.#start(isOurs, memoryMb);
    try {
      return await worker.run(frame, timeoutMs, hooks);
    } finally {
      if (isOurs && worker.isAlive && !this.#isStopped) this.#keep(bot, worker);
      else worker.end(stopped());
    }
  }

  #start(isOurs: boolean, memoryMb: number): Worker {
    const worker = new Worker(isOurs ? nodeLaunch(memoryMb) : denoLaunch(memoryMb));
    this.#alive.add(worker);
    void worker.ended.then(() => this.#alive.delete(worker));
    return worker;
  }

  #takeIdle(bot: string): Worker | undefined {
    for (;;) {
      const kept = this.#idle.get(bot)?.pop();
      if (kept === undefined) return undefined;
      clearTimeout(kept.timer);
      if (kept.worker.isAlive) return kept.worker;
    }
  }

  #keep(bot: string, worker: Worker): void {
    const timer = setTimeout(() => worker.end(stopped()), WORKER_IDLE_MS).unref();
    this.#idle.set(bot, [
      ...(this.#idle.get(bot) ?? []).filter((one) => one.worker.isAlive),
      { worker, timer },
    ]);
  }
}

/** So many at a time; others wait, in their order. */
class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number) {
    this.#free = free;
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= WAITING_MAX) throw noPlace();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(noPlace());
    }, WAIT_MS_MAX);
    this.#waiting.push(resolve);
    await promise.finally(() => clearTimeout(timer));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

const stopped = () => new BotError('stopped', 'The server ends, and the run with it. Try again.');
const noPlace = () =>
  fhirError(
    'busy',
    'transient',
    'Too many bots are running. Nothing was done: try again, or raise BOT_RUNS_MAX.',
  );
