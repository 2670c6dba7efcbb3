import { ConfigError } from '../config.ts';
import { DatabaseTakenError } from '../ledger/database.ts';
import { onParentGone } from './parent.ts';

/** SIGHUP comes when the terminal is closed. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** Longest time from the signal to the end of the process: what was acknowledged is safe whenever it ends. */
const STOP_MS_MAX = 5_000;

/** Runs the bridge as a program: it stops well on a signal, and says in one line when it cannot start. */
export async function runAsProgram(start: () => Promise<{ stop(): Promise<void> }>): Promise<void> {
  try {
    const bridge = await start();
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
      void bridge.stop().then(() => process.exit(0));
    };
    for (const signal of STOP_SIGNALS) process.on(signal, stop);
    onParentGone(stop);
  } catch (error) {
    if (!isForPeople(error)) throw error;
    process.stderr.write(`The DICOM bridge cannot start: ${error.message}\n`);
    process.exit(1);
  }
}

/** Errors that say what to do, and ports that others have. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof ConfigError ||
  error instanceof DatabaseTakenError ||
  ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
