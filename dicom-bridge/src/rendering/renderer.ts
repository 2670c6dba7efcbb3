import { Worker } from 'node:worker_threads';
import type { Outcome, Task } from './renderTask.ts';

/** The frame cannot be shown, however often it is tried. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
}

/** Too much is asked for at once: try again later. */
export class RendererBusyError extends Error {
  override readonly name = 'RendererBusyError';
}

export interface RendererLimits {
  /** For one task. */
  timeoutMs: number;
  /** Tasks that wait for their turn. */
  waitingMax: number;
  /** Of their frames. */
  waitingBytesMax: number;
  /** Without a task, after which the thread ends and its memory is free. */
  idleMs: number;
}

const LIMITS: RendererLimits = {
  timeoutMs: 20_000,
  waitingMax: 64,
  waitingBytesMax: 256 * 1024 * 1024,
  idleMs: 60_000,
};
/** Samples of a frame: what decoding takes beside it grows with them. */
const SAMPLES_MAX = 96 * 1024 * 1024;
const HEAP_MB_MAX = 512;

interface Waiting {
  task: Task;
  signal: AbortSignal | undefined;
  settle: (outcome: Outcome | Error) => void;
}

/** Decodes and renders in a thread, so that a frame that takes long, or breaks a decoder, harms nobody else. */
export class Renderer {
  readonly #limits: RendererLimits;
  readonly #waiting: Waiting[] = [];
  #thread: Worker | undefined;
  #isBusy = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(limits: Partial<RendererLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Does a task.
   *
   * @param signal aborted: it is not begun any more
   * @throws RenderError, RendererBusyError
   */
  async do(task: Task, signal?: AbortSignal): Promise<Uint8Array> {
    const { rows, columns, samplesPerPixel } = task.frame.pixels;
    if (rows * columns * samplesPerPixel > SAMPLES_MAX)
      throw new RenderError('Its frame is too large to be decoded.');
    if (this.#isFull) throw new RendererBusyError('Too many pictures are asked for.');
    const { promise, resolve } = Promise.withResolvers<Outcome | Error>();
    this.#waiting.push({ task, signal, settle: resolve });
    this.#next();
    const outcome = await promise;
    if (outcome instanceof Error) throw outcome;
    if ('fault' in outcome) throw new RenderError(outcome.fault);
    return outcome.bytes;
  }

  get #isFull(): boolean {
    const bytes = this.#waiting.reduce((sum, { task }) => sum + task.frame.bytes.length, 0);
    return this.#waiting.length >= this.#limits.waitingMax || bytes >= this.#limits.waitingBytesMax;
  }

  /** Ends the thread; what is asked for fails. */
  async close(): Promise<void> {
    for (const { settle } of this.#waiting.splice(0)) settle(new RendererBusyError('It ends.'));
    await this.#endThread();
  }

  #next(): void {
    if (this.#isBusy) return;
    const waiting = this.#waiting.shift();
    clearTimeout(this.#idle);
    if (!waiting) {
      this.#idle = setTimeout(() => void this.#endThread(), this.#limits.idleMs).unref();
      return;
    }
    if (waiting.signal?.aborted) {
      waiting.settle(new RendererBusyError('Nobody waits for it any more.'));
      return this.#next();
    }
    this.#isBusy = true;
    void this.#run(waiting).finally(() => {
      this.#isBusy = false;
      this.#next();
    });
  }

  async #run({ task, settle }: Waiting): Promise<void> {
    const thread = (this.#thread ??= startThread());
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>();
    const failed = () => resolve(undefined);
    const timeout = setTimeout(failed, this.#limits.timeoutMs);
    thread.once('message', resolve).once('error', failed).once('exit', failed);
    thread.postMessage(task);
    const outcome = await promise;
    clearTimeout(timeout);
    thread.removeListener('message', resolve).removeListener('error', failed).removeListener('exit', failed);
    if (!outcome) await this.#endThread();
    settle(outcome ?? new RenderError('Its frame takes too long, or too much, to be decoded.'));
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }
}

/** It has nothing of this process: neither its environment, which has secrets, nor its flags. */
function startThread(): Worker {
  const thread = new Worker(new URL('./renderThread.ts', import.meta.url), {
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
  });
  thread.on('error', () => undefined); // whoever waits for it hears of it; nobody does between tasks
  thread.unref();
  return thread;
}
