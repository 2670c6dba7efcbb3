import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { clientOf, type Client } from '../acceptance/support/client.ts';
import { randomOf } from '../acceptance/support/mutations/random.ts';
import { testConnection } from '../support/postgres.ts';
import { startTestServer, urlOf } from '../support/server.ts';
import { alterAll } from './alterations/all.ts';
import { check } from './checker/check.ts';
import { act } from './recorder/client.ts';
import { newWorld } from './recorder/clientState.ts';
import { Recorder } from './recorder/recorder.ts';

/** Repeats what the clients ask for and where the history is altered. */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const CLIENTS = 16;
const REQUESTS = 1_500;
const PLACES = 4;
const PLACES_STREAM = 2_000;

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  server = await startTestServer({ databaseUrl: urlOf(await testConnection()), databaseSchema });
  client = clientOf(server.url, CLIENTS);
});
afterAll(async () => {
  client.close();
  await server.stop();
});

test(`a recorded history is accepted, and rejected however it is altered (FAULT_SEED=${SEED})`, async () => {
  const recorder = new Recorder(client);
  const world = newWorld(recorder);
  const isOver = () => recorder.operations.length >= REQUESTS;
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, number) =>
      act({ number, random: randomOf(SEED, number), world, known: new Map() }, isOver),
    ),
  );
  const history = await recorder.history();
  expect({ faults: recorder.faults, violations: check(history) }).toEqual({ faults: [], violations: [] });
  const { missed, impossible, rejected } = alterAll(history, randomOf(SEED, PLACES_STREAM), PLACES);
  console.error(`${history.operations.length} operations recorded; ${rejected} alterations rejected`);
  expect({ missed, impossible }).toEqual({ missed: [], impossible: [] });
});
