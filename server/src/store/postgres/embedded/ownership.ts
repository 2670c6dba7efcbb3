import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../startError.ts';
import { isAlive, startOf } from './processes.ts';

/**
 * One process at a time owns a data folder. Each that wants it puts a file of its own into `owners/`, named by its pid and start,
 * and then looks around: alone, it is the owner; beside an owner it gives up; beside another that also only wants it, both step
 * back and try again after a random while. Files of dead processes are simply removed: unlike a single lock file, no name is
 * ever used by two processes, so nobody can remove a living one's claim by mistake.
 */
const STEP_BACK_MAX_MS = 40;
const ATTEMPTS_MAX = 50;

interface Claim {
  pid: number;
  held: boolean;
}

let claimsMade = 0;

/**
 * Makes this process the owner of the data folder.
 * @returns gives it up
 * @throws StartError when a living process has it
 */
export async function takeOwnership(ownersFolder: string, dataDir: string): Promise<() => void> {
  mkdirSync(ownersFolder, { recursive: true, mode: 0o700 });
  claimsMade += 1;
  const name = `${process.pid}-${startOf(process.pid)}-${claimsMade}`;
  const file = path.join(ownersFolder, name);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    writeFileSync(file, 'wants');
    const rivals = livingClaims(ownersFolder, name);
    if (rivals.length === 0) {
      hold(file);
      return () => rmSync(file, { force: true });
    }
    rmSync(file, { force: true });
    const owner = rivals.find((rival) => rival.held);
    if (owner) throw inUse(dataDir, owner.pid);
    await sleep(Math.random() * STEP_BACK_MAX_MS);
  }
  throw inUse(dataDir, undefined);
}

function inUse(dataDir: string, pid: number | undefined): StartError {
  const by = pid === undefined ? 'other processes that are starting' : `process ${pid}`;
  return new StartError(
    `data folder ${dataDir} is in use by ${by}. Stop it, or give this server a folder of its own with MAXRAY_DATA_DIR (or a shared PostgreSQL with DATABASE_URL).`,
  );
}

/** Replaced in one step: a reader sees `wants` or `holds`, never an empty file. */
function hold(file: string): void {
  const fresh = path.join(path.dirname(file), `.${path.basename(file)}`);
  writeFileSync(fresh, 'holds');
  renameSync(fresh, file);
}

function livingClaims(ownersFolder: string, own: string): Claim[] {
  const claims: Claim[] = [];
  for (const name of readdirSync(ownersFolder)) {
    if (name === own || name === `.${own}`) continue;
    const [number, start] = name.replace(/^\./, '').split('-');
    const pid = Number(number);
    const file = path.join(ownersFolder, name);
    if (!isAlive(pid) || startOf(pid) !== start) rmSync(file, { force: true });
    else if (!name.startsWith('.')) claims.push({ pid, held: isHeld(file) });
  }
  return claims;
}

function isHeld(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') === 'holds';
  } catch {
    return false; // gone since: its process stepped back or stopped
  }
}
