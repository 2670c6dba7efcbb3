import { fhirError } from '../../fhir/outcome.ts';
import { BotError } from '../botError.ts';
import type { RunFrame } from '../guest/frames.ts';
import { denoLaunch, nodeLaunch } from './launch.ts';
import { Worker, type RunHooks } from './worker.ts';

/** A run that is asked for. */
export interface PooledRun {
  /** Bots do not share processes. */
  bot: string;
  isOurs: boolean;
  /** Asked for when there is a place: what waits for one takes no more memory than it must. */
  frame: () => RunFrame;
  timeoutMs: number;
  memoryMb: number;
  /** Whether a bot asks for it, which waits for it: such runs have places of their own. */
  isNested: boolean;
  hooks: RunHooks;
}

/** A process without work ends after so long. */
export const WORKER_IDLE_MS = 60_000;
/** Processes without work that are kept for each place to run: each holds some 90 MB. */
const IDLE_EACH_MAX = 2;
/** Runs that wait for a place. */
export const WAITING_MAX = 200;
/** How long one may wait for a place. */
export const WAIT_MS_MAX = 30_000;

/** Runs bots in processes: a process of its own for each run of code from outside, one for each bot of ours that goes on to the next event. */
export class WorkerPool {
  readonly #places: { own: Places; nested: Places };
  /** Those that have waited longest first. */
  #idle: { bot: string; worker: Worker; timer: NodeJS.Timeout }[] = [];
  readonly #idleMax: number;
  readonly #alive = new Set<Worker>();
  #isStopped = false;

  /** @param runsMax runs at a time */
  constructor(runsMax: number) {
    this.#idleMax = runsMax * IDLE_EACH_MAX;
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
    for (const { timer } of this.#idle) clearTimeout(timer);
    const alive = [...this.#alive];
    for (const worker of alive) worker.end(stopped());
    await Promise.all(alive.map(({ ended }) => ended));
  }

  async #carryOut(run: PooledRun): Promise<string | undefined> {
    if (this.#isStopped) throw stopped();
    const { bot, isOurs, timeoutMs, memoryMb, hooks } = run;
    const frame = run.frame();
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
    const at = this.#idle.findLastIndex((one) => one.bot === bot && one.worker.isAlive);
    const [kept] = at < 0 ? [] : this.#idle.splice(at, 1);
    clearTimeout(kept?.timer);
    return kept?.worker;
  }

  #keep(bot: string, worker: Worker): void {
    const timer = setTimeout(() => worker.end(stopped()), WORKER_IDLE_MS).unref();
    this.#idle = [...this.#idle.filter((one) => one.worker.isAlive), { bot, worker, timer }];
    if (this.#idle.length > this.#idleMax) this.#idle.shift()!.worker.end(stopped());
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
