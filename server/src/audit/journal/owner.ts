import { createHash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { isAlive, startOf } from '../../store/postgres/embedded/processes.ts';

/** How often an owner says that it is alive. */
export const BEAT_MS = 5_000;
/** Whoever has not for so long looks whether its journal is still its own before it writes. */
const DOUBT_MS = 20_000;
/** A journal whose owner cannot be seen from here is taken after so long without a sign of life. */
const SILENT_MS_MAX = 60_000;

const NAME = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9a-f]{8})\.(\d+)-(\d*)$/;

/** A journal that this process owns: its folder's name says so, and only a rename, of which one succeeds, changes the owner. */
export interface OwnedFolder {
  id: string;
  path: string;
}

/** Where numbers of processes mean the same: this machine since its start, or a container. */
function placeOfProcesses(): string {
  const read = (what: () => string): string => {
    try {
      return what();
    } catch {
      return ''; // not Linux
    }
  };
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  const text = JSON.stringify([hostname(), boot, namespace]);
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

const ownName = (id: string): string => `${id}.${placeOfProcesses()}.${process.pid}-${startOf(process.pid)}`;

/** Makes a journal of this process. */
export function newFolder(root: string): OwnedFolder {
  const id = randomUUID();
  const folder = path.join(root, ownName(id));
  mkdirSync(folder, { mode: 0o700 });
  return { id, path: folder };
}

/** Takes over the journals of processes that are dead. @param nowMs for tests */
export function adoptDead(root: string, nowMs = Date.now()): OwnedFolder[] {
  const adopted: OwnedFolder[] = [];
  for (const name of readdirSync(root)) {
    const id = NAME.exec(name)?.[1];
    if (id === undefined || !isDead(root, name, nowMs)) continue;
    const target = path.join(root, ownName(id));
    if (renames(path.join(root, name), target)) adopted.push({ id, path: target });
  }
  return adopted;
}

function isDead(root: string, name: string, nowMs: number): boolean {
  const [, , place, pid, start] = NAME.exec(name)!;
  if (place === placeOfProcesses()) return !isAlive(Number(pid)) || startOf(Number(pid)) !== start;
  try {
    return nowMs - statSync(path.join(root, name)).mtimeMs > SILENT_MS_MAX;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // another has taken it
    throw error;
  }
}

function renames(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // another was first
    throw error;
  }
}

/** Says that the owner of a journal is alive, and notices that another process has taken it for dead. */
export class Heartbeat {
  readonly #folder: string;
  #lastMs = Date.now();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns false when the journal is another's by now */
  beat(): boolean {
    const now = new Date();
    try {
      utimesSync(this.#folder, now, now);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.#lastMs = now.getTime();
    return true;
  }

  /** The same, where so long ago that another may have done it: this process may have been frozen. */
  beatIfDoubtful(): boolean {
    return Date.now() - this.#lastMs < DOUBT_MS || this.beat();
  }
}
