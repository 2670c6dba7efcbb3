import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, type Log } from '../log.ts';
import type { Postmaster, Site } from './postmaster.ts';
import type { EmbeddedPostgres } from './embeddedPostgres.ts';

/** What the supervisor needs from the launcher. */
export interface Supervision {
  site: Site;
  log: Log;
  bringUp(): Promise<Postmaster>;
  /** Frees the data folder. */
  release(): void;
}

/** Time for a fast shutdown (it writes all dirty pages); then an immediate one, from which the next start recovers. */
const FAST_SHUTDOWN_MS_MAX = 8000;
const IMMEDIATE_SHUTDOWN_MS_MAX = 5000;
const RESTART_DELAY_MS_MIN = 20;
const RESTART_DELAY_MS_MAX = 5000;

/** Keeps the postmaster running: starts it again, later and later, whenever it is gone without having been asked. */
export function supervise(first: Postmaster, reused: boolean, supervision: Supervision): EmbeddedPostgres {
  const { site, log, bringUp, release } = supervision;
  let postmaster = first;
  let stopping: Promise<void> | undefined;
  const cancelled = new AbortController();
  let restarting: Promise<void> = Promise.resolve();

  const watch = (): void => {
    void postmaster.exited
      .catch(() => undefined)
      .then(() => {
        if (!stopping) restarting = restart();
      });
  };
  const restart = async (): Promise<void> => {
    log('error', `PostgreSQL (process ${postmaster.pid}) is gone; starting it again`);
    for (
      let delayMs = RESTART_DELAY_MS_MIN;
      !stopping;
      delayMs = Math.min(delayMs * 2, RESTART_DELAY_MS_MAX)
    ) {
      try {
        postmaster = await bringUp();
        log('info', `PostgreSQL runs again (process ${postmaster.pid})`);
        watch();
        return;
      } catch (error) {
        log('error', `PostgreSQL could not be started again: ${reasonOf(error)}`);
        await sleep(delayMs, undefined, { signal: cancelled.signal }).catch(() => undefined);
      }
    }
  };
  const stop = async (): Promise<void> => {
    cancelled.abort();
    await restarting;
    await shutDown(postmaster);
    release();
  };

  watch();
  return {
    connection: site.connection,
    reused,
    get postmasterPid() {
      return postmaster.pid;
    },
    stop: () => (stopping ??= stop()),
  };
}

async function shutDown(postmaster: Postmaster): Promise<void> {
  if (await endsAfter(postmaster, 'SIGINT', FAST_SHUTDOWN_MS_MAX)) return;
  if (await endsAfter(postmaster, 'SIGQUIT', IMMEDIATE_SHUTDOWN_MS_MAX)) return;
  await endsAfter(postmaster, 'SIGKILL', IMMEDIATE_SHUTDOWN_MS_MAX);
}

async function endsAfter(
  postmaster: Postmaster,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<boolean> {
  try {
    process.kill(postmaster.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
  const timer = new AbortController();
  const timeout = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const ended = postmaster.exited.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([ended, timeout]);
  timer.abort();
  return result;
}
