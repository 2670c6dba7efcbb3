import { spawn } from 'node:child_process';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from '../../../../scripts/services/dcmtk.mjs';
import type { Random } from '../../../../server/test/acceptance/support/mutations/random.ts';
import type { ShelfObject } from './shelf.ts';

const BATCH_MAX = 4;
/** Once in so many times the sender is killed, or sends again what it has sent. */
const [KILLED_ONE_IN, AGAIN_ONE_IN] = [8, 10];
const KILLED_MS_MAX = 150;
/** Before it is tried again, and between objects that are sent again for want of others. */
const PAUSE_MS = 100;
const ANSWER = /Sending file: (\S+)|Received (?:Store|C-STORE) Response \(([^)]*)\)/g;

/** What all senders share. */
export interface Dispatching {
  port: number;
  objects: readonly ShelfObject[];
  /** How many of them may be sent. */
  allowed: number;
  isOver: boolean;
  /** Answers other than Success, and how often they came. */
  refusals: Map<string, number>;
  /** How often a sender was killed. */
  aborts: number;
}

/** One of dcmtk's programs under an AE title of its own. */
export interface Sender {
  aeTitle: string;
  name: 'storescu' | 'dcmsend';
  /** Its share of the objects: every so many, from its number on. */
  number: number;
  of: number;
  random: Random;
}

/** Sends its share of the objects, each until it is acknowledged, and some again; until it is over. */
export async function sendAll(sender: Sender, dispatching: Dispatching): Promise<void> {
  const { number, of, random } = sender;
  while (!dispatching.isOver) {
    const { objects, allowed } = dispatching;
    const left = objects.slice(0, allowed).filter((one, i) => i % of === number && one.acknowledged === 0);
    if (left.length > 0 && !random.oneIn(AGAIN_ONE_IN)) {
      const answered = await send(sender, dispatching, left.slice(0, 1 + random.below(BATCH_MAX)));
      if (!answered) await sleep(PAUSE_MS);
    } else {
      const known = objects.filter(({ acknowledged }) => acknowledged > 0);
      if (known.length > 0) await send(sender, dispatching, [random.pick(known)]);
      await sleep(PAUSE_MS);
    }
  }
}

/** @returns whether any of them was acknowledged */
async function send(sender: Sender, dispatching: Dispatching, wanted: ShelfObject[]): Promise<boolean> {
  const { aeTitle, name, random } = sender;
  // dcmsend does not say which object an answer is for.
  const batch = name === 'dcmsend' ? wanted.slice(0, 1) : wanted;
  const peer = ['-v', '-aet', aeTitle, '-aec', 'MAXRAY', '127.0.0.1', String(dispatching.port)];
  const killedMs = random.oneIn(KILLED_ONE_IN) ? random.below(KILLED_MS_MAX) : undefined;
  if (killedMs !== undefined) dispatching.aborts += 1;
  const output = await run(name, [...peer, ...batch.map(({ file }) => file)], killedMs);
  let at = name === 'dcmsend' ? batch[0] : undefined;
  let answered = false;
  for (const [, file, status] of output.matchAll(ANSWER)) {
    if (file !== undefined) at = batch.find((one) => one.file === file);
    else if (status === 'Success') [at!.acknowledged, answered] = [at!.acknowledged + 1, true];
    else dispatching.refusals.set(status!, (dispatching.refusals.get(status!) ?? 0) + 1);
  }
  return answered;
}

/** What it has printed until it ended, or was killed. */
async function run(name: string, args: string[], killedMs: number | undefined): Promise<string> {
  const child = spawn(program(name), args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: os.tmpdir() });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', reject).once('close', () => resolve());
  const timer = killedMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killedMs);
  await ended;
  clearTimeout(timer);
  return output;
}
