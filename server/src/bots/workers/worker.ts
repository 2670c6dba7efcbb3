import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { BotError } from '../botError.ts';
import type { AnswerFrame, GuestFrame, LogLevel, RunFrame } from '../guest/frames.ts';
import type { Launch } from './launch.ts';
import { readGuestFrame } from './readGuestFrame.ts';
import { usageOf } from './usage.ts';

/** A request of a bot, to be answered. */
export type GuestRequest = Extract<GuestFrame, { kind: 'fetch' }>;

/** Whoever a worker runs for. */
export interface RunHooks {
  /** @throws never: what cannot be answered is an answer with an error */
  fetch(request: GuestRequest): Promise<Omit<AnswerFrame, 'kind' | 'number'>>;
  log(level: LogLevel, text: string): void;
}

/** Longest line of a worker, and all that it writes in a run; in bytes. Lines in a run: reading them takes the server's time. */
export const LINE_BYTES_MAX = 16 * 2 ** 20;
export const OUTPUT_BYTES_MAX = 64 * 2 ** 20;
export const OUTPUT_LINES_MAX = 20_000;
/** A runtime has a few for itself, and some for each processor. */
const THREADS_MAX = 64 + 4 * availableParallelism();
/** How often is looked at what it takes. */
const WATCH_MS = 50;
/** Of standard error: enough to know why it ended. */
const STDERR_CHARS_MAX = 4_096;
const NEWLINE = 10;
const OUT_OF_MEMORY = /out of memory|memory limit|Zone Allocation failed/i;

interface Running extends RunHooks {
  resolve(value: string | undefined): void;
  reject(error: BotError): void;
  outputBytes: number;
  outputLines: number;
}

/** A process that runs a bot's events, one after the other. */
export class Worker {
  readonly #launch: Launch;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended = Promise.withResolvers<void>();
  #running: Running | undefined;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #stderr = '';
  #hasEnded = false;

  constructor(launch: Launch) {
    this.#launch = launch;
    const { command, args, env, cwd } = launch;
    this.#child = spawn(command, args, { env, cwd, stdio: 'pipe', windowsHide: true });
    this.#child.stdout.on('data', (bytes: Buffer) => this.#received(bytes));
    this.#child.stderr.on('data', (bytes: Buffer) => this.#complained(bytes));
    this.#child.stdin.on('error', () => undefined); // its end says more
    this.#child.on('error', () =>
      this.#over(new BotError('crash', 'The process of the bot could not be started.')),
    );
    this.#child.on('close', (code, signal) => this.#over(this.#whyEnded(code, signal)));
  }

  /** Whether it can run something (any more). */
  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Settled when the process is gone. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /**
   * Runs a bot once. After a failure other than `thrown` the process is gone.
   *
   * @returns what the handler returned, as JSON text
   * @throws BotError
   */
  async run(frame: RunFrame, timeoutMs: number, hooks: RunHooks): Promise<string | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
    this.#running = { ...hooks, resolve, reject, outputBytes: 0, outputLines: 0 };
    const deadline = setTimeout(
      () => this.end(new BotError('timeout', `The bot did not end within ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
    const watch = setInterval(() => void this.#watch(), WATCH_MS);
    this.#child.stdin.write(`${JSON.stringify(frame)}\n`);
    try {
      return await promise;
    } finally {
      clearTimeout(deadline);
      clearInterval(watch);
      this.#running = undefined;
    }
  }

  /** Ends the process at once. @param why told to whoever waits for its run */
  end(why: BotError): void {
    this.#running?.reject(why);
    this.#running = undefined;
    this.#child.kill('SIGKILL');
  }

  async #watch(): Promise<void> {
    const { residentBytesMax } = this.#launch;
    const usage = this.#child.pid === undefined ? undefined : await usageOf(this.#child.pid);
    if (usage && (usage.residentBytes > residentBytesMax || (usage.threads ?? 0) > THREADS_MAX))
      this.end(tooMuchMemory());
  }

  #received(bytes: Buffer): void {
    const running = this.#running;
    if (!running) return; // it says something when nobody has asked
    running.outputBytes += bytes.length;
    if (running.outputBytes > OUTPUT_BYTES_MAX) return this.end(tooMuchOutput());
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      running.outputLines += 1;
      if (running.outputLines > OUTPUT_LINES_MAX) return this.end(tooMuchOutput());
      const line = [...this.#line, bytes.subarray(from, at)];
      this.#line = [];
      this.#lineBytes = 0;
      from = at + 1;
      this.#said(Buffer.concat(line).toString('utf8'));
    }
    const rest = bytes.subarray(from);
    if (rest.length === 0) return;
    this.#line.push(rest);
    this.#lineBytes += rest.length;
    if (this.#lineBytes > LINE_BYTES_MAX) this.end(tooMuchOutput());
  }

  #said(line: string): void {
    const running = this.#running;
    if (!running) return;
    const frame = readGuestFrame(line);
    if (frame === undefined) return running.log('info', line); // a library that writes by itself
    if (frame.kind === 'log') running.log(frame.level, frame.text);
    else if (frame.kind === 'done') running.resolve(frame.value);
    else if (frame.kind === 'failed') running.reject(new BotError('thrown', frame.text));
    else if (frame.kind === 'fetch') void this.#answer(running, frame);
  }

  async #answer(running: Running, request: GuestRequest): Promise<void> {
    const answer = await running.fetch(request);
    if (this.#running !== running) return;
    const frame: AnswerFrame = { kind: 'answer', number: request.number, ...answer };
    this.#child.stdin.write(`${JSON.stringify(frame)}\n`);
  }

  #complained(bytes: Buffer): void {
    const running = this.#running;
    if (running && (running.outputBytes += bytes.length) > OUTPUT_BYTES_MAX) return this.end(tooMuchOutput());
    this.#stderr = (this.#stderr + bytes.toString('latin1')).slice(-STDERR_CHARS_MAX);
  }

  #whyEnded(code: number | null, signal: NodeJS.Signals | null): BotError {
    if (OUT_OF_MEMORY.test(this.#stderr)) return tooMuchMemory();
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    return new BotError('crash', `The process of the bot ended ${how} before its handler did.`);
  }

  #over(why: BotError): void {
    this.#hasEnded = true;
    this.#running?.reject(why);
    this.#ended.resolve();
  }
}

const tooMuchMemory = () =>
  new BotError('memory', 'The bot took more memory or threads than it may have: its process was ended.');
const tooMuchOutput = () => new BotError('output', 'The bot wrote more than it may: its process was ended.');
