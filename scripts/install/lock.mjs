import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

/** The owner touches the lock this often ... */
const HEARTBEAT_MS = 2_000;
/** ... and one that has not been touched for so long has no owner any more. */
const STALE_AFTER_MS = 60_000;
const POLL_MS = 250;

/** Does a process with this id run here? EPERM means that it does, as somebody else. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryCreate(file) {
  try {
    writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** True when the owner of the lock died. A lock that just vanished, or is just being written, is not stale. */
function isStale(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) return true;
    const owner = JSON.parse(readFileSync(file, 'utf8'));
    return owner.host === hostname() && !isAlive(owner.pid);
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Renaming first lets only one of several waiters remove the lock of a dead owner. */
function removeStale(file) {
  const grave = `${file}.${process.pid}`;
  try {
    renameSync(file, grave);
    rmSync(grave);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** A lock that is gone was taken for stale while this machine slept; the work goes on all the same. */
function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/**
 * Runs `work` while no other process on this checkout does. Waits as long as the other one is alive;
 * `onWait` is called once if there is something to wait for.
 */
export async function withLock(file, onWait, work) {
  let waiting = false;
  while (!tryCreate(file)) {
    if (isStale(file)) {
      removeStale(file);
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await sleep(POLL_MS);
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}
