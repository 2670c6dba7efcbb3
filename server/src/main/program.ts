import { ConfigError } from '../config.ts';
import { FhirError } from '../fhir/outcome.ts';
import { StartError } from '../store/postgres/startError.ts';

/** SIGHUP comes when the terminal is closed. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/**
 * Longest time from the signal to the end of the process, whatever hangs. An embedded PostgreSQL that is still busy
 * shutting down then ends by itself, or is taken over by the next start.
 */
const STOP_MS_MAX = 9_500;

/** How often a program that npm started looks whether npm is still there. */
const PARENT_POLL_MS = 500;

/** What a program needs of its server. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Runs a server as a program: it stops well on a signal, also on one that comes while it starts, and ends with code 1
 * and one line on standard error when it cannot start.
 *
 * @param start gives up as soon as it can, with any error, when its signal is aborted
 * @param say writes a line for the person at the terminal
 */
export async function runAsProgram(
  start: (stopping: AbortSignal) => Promise<Stoppable>,
  say: (line: string) => void,
): Promise<void> {
  const stopping = new AbortController();
  const requestStop = (why: string): void => {
    if (stopping.signal.aborted) return;
    say(`${why}: finishing running requests ...`);
    stopping.abort();
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  };
  // Whoever read our output may be gone (a closed pipe): that is no reason to leave anything undone.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  // Kept, not `once`: without a listener a second signal would kill the process in the middle of its work.
  for (const signal of STOP_SIGNALS) process.on(signal, () => requestStop(signal));
  if (process.env.npm_lifecycle_event !== undefined) onOrphaned(() => requestStop('npm has ended'));
  const stop = (server: Stoppable) => void server.stop().then(() => process.exit(0));
  try {
    const server = await start(stopping.signal);
    if (stopping.signal.aborted) stop(server);
    else stopping.signal.addEventListener('abort', () => stop(server));
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    if (!isForPeople(error)) throw error;
    process.stderr.write(`MaxRay cannot start: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** npm passes a SIGTERM to the shell between it and us only, which ends and leaves us behind. */
function onOrphaned(orphaned: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    orphaned();
  }, PARENT_POLL_MS).unref();
}

/** Errors that say what to do; a FhirError is one of the database that went away in the middle of the start. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof StartError || error instanceof FhirError;
