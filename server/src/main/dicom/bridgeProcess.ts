import { spawn, type ChildProcess } from 'node:child_process';
import type { ReadyMessage } from '@maxray/dicom-bridge/ready';
import type { Log } from '../../store/postgres/log.ts';

export interface BridgeProcessParts {
  /** The program. */
  script: string;
  /** All of its environment, but for what Node itself needs. */
  env: Readonly<Record<string, string>>;
  log: Log;
  /** It answers from now on. */
  onReady(ready: ReadyMessage): void;
  /** It has ended. */
  onEnded(): void;
}

/** In which it waits for the disk: with Node's four, half of eight modalities would wait for the others. */
const DISK_THREADS = 16;
/** Until it is started again: twice as long each time. */
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 60_000;
/** Whoever ran so long is started again after the shortest pause. */
const STEADY_MS = 60_000;
/** To end by itself. What it has acknowledged is safe whenever it is killed. */
const STOP_MS_MAX = 2_000;

/** The DICOM bridge as a child of the server: it is started again whenever it ends, and ends with the server. */
export class BridgeProcess {
  readonly #parts: BridgeProcessParts;
  #child: ChildProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #pauseMs = PAUSE_MS_MIN;
  #isStopped = false;

  constructor(parts: BridgeProcessParts) {
    this.#parts = parts;
  }

  /** Of the process that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { script, env, log, onReady, onEnded } = this.#parts;
    const startedMs = Date.now();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: { UV_THREADPOOL_SIZE: String(DISK_THREADS), ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      windowsHide: true,
    });
    this.#child = child;
    child.on('message', (message) => {
      if (isReady(message)) onReady(message);
    });
    let isOver = false;
    const over = (how: string): void => {
      if (isOver) return;
      isOver = true;
      this.#child = undefined;
      onEnded();
      if (this.#isStopped) return;
      if (Date.now() - startedMs >= STEADY_MS) this.#pauseMs = PAUSE_MS_MIN;
      log('warn', `the DICOM bridge has ended ${how}; it is started again in ${this.#pauseMs / 1000} s`);
      this.#restart = setTimeout(() => this.start(), this.#pauseMs);
      this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
    };
    child.once('error', (error) => over(`before it began (${(error as NodeJS.ErrnoException).code})`));
    child.once('exit', (code, signal) => over(signal === null ? `with code ${code}` : `by ${signal}`));
  }

  /** Ends it, by force where it takes too long. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(kill);
  }
}

const isReady = (message: unknown): message is ReadyMessage =>
  typeof message === 'object' && message !== null && (message as ReadyMessage).kind === 'ready';
