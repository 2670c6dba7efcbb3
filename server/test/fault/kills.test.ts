import { afterAll, expect, jest, test } from '@jest/globals';
import { clientOf } from '../acceptance/support/client.ts';
import { randomOf } from '../acceptance/support/mutations/random.ts';
import { freePort, until, workshop, type Program } from '../support/program.ts';
import { judge } from './support/judge.ts';
import { kill, planOf, startFigures } from './support/killer.ts';
import { Ledger } from './support/ledger.ts';
import { allEnded } from './support/leftovers.ts';
import { write } from './support/writer.ts';
import { writerState } from './support/writerState.ts';

/**
 * FAULT_SEED repeats the faults and what each writer does; which write is hit by which fault is left to chance.
 * FAULT_KILLS changes the number of faults.
 */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 20);
const WRITERS = 16;
const PLAN_STREAM = 1_000;

jest.setTimeout(600_000); // a guard against hanging; it takes a minute or two
const site = workshop();
afterAll(() => site.cleanUp());

test(`what was acknowledged survives ${KILLS} kills of server and PostgreSQL, whole and once (FAULT_SEED=${SEED})`, async () => {
  const dataDir = site.dataDir();
  const port = await freePort();
  const env = { PORT: String(port), LOG_LEVEL: 'error' };
  const servers: Program[] = [];
  const start = () => {
    const server = site.server(dataDir, { env });
    servers.push(server);
    return server;
  };
  let server = start();
  const url = await server.ready();

  const ledger = new Ledger();
  const client = clientOf(url, WRITERS);
  let over = false;
  const states = Array.from({ length: WRITERS }, (_, i) =>
    writerState(`w${i}`, client, ledger, randomOf(SEED, i)),
  );
  const writers = Promise.all(states.map((state) => write(state, () => over)));
  for (const fault of planOf(randomOf(SEED, PLAN_STREAM), KILLS)) {
    const wanted = ledger.acknowledged + fault.afterWrites;
    await until(() => ledger.acknowledged >= wanted || ledger.violations.length > 0, 'the writers went on');
    server = await kill({ dataDir, start }, server, fault);
  }
  const wanted = ledger.acknowledged + WRITERS;
  await until(
    () => ledger.acknowledged >= wanted || ledger.violations.length > 0,
    'the writers went on to the end',
  );
  over = true;
  await writers;
  await allEnded(dataDir);

  const { faults, versions } = await judge(client, ledger);
  client.close();
  console.error(
    `faults with FAULT_SEED=${SEED}: ${KILLS} kills; ${ledger.acknowledged} writes acknowledged, ${ledger.count('unknown')} of unknown outcome, ` +
      `${ledger.count('refused')} refused (${ledger.refused503} answers 503); ${versions} versions; longest request ${Math.round(ledger.longestRequestMs)} ms; ` +
      `start ${startFigures(servers)}`,
  );
  expect(faults).toEqual([]);
  expect(ledger.refused503).toBeGreaterThan(0);

  const verify = site.verify(dataDir);
  const { code } = await verify.exited;
  expect([code, verify.stdout()]).toEqual([0, expect.stringMatching(/ 0 differences\n$/)]);
  expect((await server.end('SIGTERM')).code).toBe(0);
});
