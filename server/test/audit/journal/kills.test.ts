import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { randomOf } from '../../acceptance/support/mutations/random.ts';
import { folders, journalsIn, until } from '../support.ts';
import { auditWorld, type AuditWorld } from '../world.ts';

/** Repeats after how many records each process is killed; which moment that hits is left to chance. */
const SEED = Number(process.env.AUDIT_SEED ?? Date.now() % 1_000_000_000);
const KILLS = Number(process.env.AUDIT_KILLS ?? 4);
const RECORDS_MAX = 3_000;

const site = folders();
let world: AuditWorld;
afterAll(() => site.cleanUp());

/** Runs a process until it has acknowledged so many records, and ends it. @returns what it has acknowledged */
async function run(
  options: { name: string; dataDir: string; strict: boolean },
  records: number,
  end: NodeJS.Signals,
) {
  const { connection, schema } = world;
  const script = path.join(import.meta.dirname, 'appender.ts');
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script, JSON.stringify({ ...options, connection, schema })],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const acknowledged: string[] = [];
  const lines = createInterface(child.stdout);
  const closed = once(lines, 'close');
  let sent = false;
  lines.on('line', (line) => {
    acknowledged.push(line);
    if (acknowledged.length >= records && !sent) {
      sent = true;
      child.kill(end);
    }
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  await closed;
  expect([code, signal, errors]).toEqual(
    end === 'SIGKILL' ? [null, 'SIGKILL', expect.anything()] : [0, null, expect.anything()],
  );
  return acknowledged;
}

describe.each([
  ['default', false],
  ['strict', true],
])('%s', (mode, strict) => {
  beforeAll(async () => {
    world = await auditWorld();
  });
  afterAll(() => world.close());

  test(`what was acknowledged is in the log once, after ${KILLS} kills (AUDIT_SEED=${SEED})`, async () => {
    const dataDir = site.make();
    const random = randomOf(SEED, strict ? 1 : 0);
    const acknowledged: string[] = [];
    for (let i = 0; i < KILLS; i += 1) {
      const name = `${mode}${i}`;
      const pair = [`${name}a`, `${name}b`].map((each) =>
        run({ name: each, dataDir, strict }, 1 + random.below(RECORDS_MAX), 'SIGKILL'),
      );
      acknowledged.push(...(await Promise.all(pair)).flat());
    }
    acknowledged.push(...(await run({ name: `${mode}-last`, dataDir, strict }, 10, 'SIGTERM')));
    await until(() => journalsIn(dataDir).length === 0, 'all journals are moved');

    const found = (await world.all())
      .map(({ record }) => record.requestId!)
      .filter((id) => id.startsWith(mode));
    const counts = new Map<string, number>();
    for (const id of found) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(acknowledged.filter((id) => !counts.has(id))).toEqual([]);
    expect([...counts].filter(([, n]) => n > 1)).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(KILLS);
    await world.sealAll(dataDir);
    const { finding, unsealed } = await world.verify(dataDir);
    expect([finding, unsealed]).toEqual([undefined, 0]);
  });
});
