import { afterAll, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '../acceptance/support/client.ts';
import { randomOf } from '../acceptance/support/mutations/random.ts';
import { kill, planOf } from '../fault/support/killer.ts';
import { allEnded } from '../fault/support/leftovers.ts';
import { freePort, until, workshop } from '../support/program.ts';
import { alterAll } from './alterations/all.ts';
import { check } from './checker/check.ts';
import { act } from './recorder/client.ts';
import { newWorld, type ClientState } from './recorder/clientState.ts';
import { Recorder } from './recorder/recorder.ts';

/** FAULT_SEED repeats the faults and what each client asks for, FAULT_SECONDS says how long; how they meet is left to chance. */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const SECONDS = Number(process.env.FAULT_SECONDS ?? 20);
const CLIENTS = 16;
/** Each kind of fault occurs. */
const KILLS_MIN = 3;
const KILLS_MAX = 1_000;
const PLAN_STREAM = 1_000;
const PLACES_STREAM = 2_000;
/** Between two kills, however quick the requests are. */
const WORK_MS_MIN = 1000;
const TOLD_MAX = 10;

jest.setTimeout(SECONDS * 1000 + 600_000); // a guard against hanging
const site = workshop();
afterAll(() => site.cleanUp());

test(`${CLIENTS} clients see one order of events during ${SECONDS} s with kills (FAULT_SEED=${SEED})`, async () => {
  const dataDir = site.dataDir();
  const env = { PORT: String(await freePort()), LOG_LEVEL: 'error' };
  const start = () => site.server(dataDir, { env });
  let server = start();
  const client = clientOf(await server.ready(), CLIENTS);

  const recorder = new Recorder(client);
  const world = newWorld(recorder);
  let isOver = false;
  const clients = Promise.all(
    Array.from({ length: CLIENTS }, (_, number) => {
      const state: ClientState = { number, random: randomOf(SEED, number), world, known: new Map() };
      return act(state, () => isOver);
    }),
  );
  const goneOn = async (requests: number) => {
    const wanted = recorder.acknowledged + requests;
    await until(() => recorder.acknowledged >= wanted || recorder.faults.length > 0, 'the clients went on');
  };
  const deadline = Date.now() + SECONDS * 1000;
  let kills = 0;
  for (const fault of planOf(randomOf(SEED, PLAN_STREAM), KILLS_MAX)) {
    await sleep(WORK_MS_MIN);
    await goneOn(fault.afterWrites);
    if (recorder.faults.length > 0 || (Date.now() > deadline && kills >= KILLS_MIN)) break;
    server = await kill({ dataDir, start }, server, fault);
    kills += 1;
  }
  isOver = true;
  await clients;
  await allEnded(dataDir);

  const history = await recorder.history();
  client.close();
  const violations = check(history);
  const count = (outcome: string) => history.operations.filter((one) => one.outcome === outcome).length;
  const versions = [...history.stored.values()].reduce((sum, { size }) => sum + size, 0);
  console.error(
    `history with FAULT_SEED=${SEED}: ${SECONDS} s, ${kills} kills; ${history.operations.length} operations: ` +
      `${count('acknowledged')} acknowledged, ${count('refused')} refused (${recorder.unreached} while the server was away), ` +
      `${count('unknown')} of unknown outcome; ` +
      `${history.stored.size} resources, ${versions} versions; ${violations.length} violations`,
  );
  const told = violations.map(({ rule, text }) => `${rule}: ${text}`);
  expect([...recorder.faults, ...told].slice(0, TOLD_MAX)).toEqual([]);

  const { missed, rejected } = alterAll(history, randomOf(SEED, PLACES_STREAM), 1);
  expect(missed).toEqual([]);
  expect(rejected).toBeGreaterThan(0);

  const verify = site.verify(dataDir);
  const { code } = await verify.exited;
  expect([code, verify.stdout()]).toEqual([0, expect.stringMatching(/ 0 differences\n$/)]);
  expect((await server.end('SIGTERM')).code).toBe(0);
});
