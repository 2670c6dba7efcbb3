import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomOf } from '../../../server/test/acceptance/support/mutations/random.ts';
import { planAmong } from '../../../server/test/fault/support/killer.ts';
import { until } from '../../../server/test/support/program.ts';
import { effectOf, readEffects, type Effects } from './support/effects.ts';
import { furnish } from './support/furnish.ts';
import { expectClaimsOnce, expectPaymentsOnce, sentMessages } from './support/judgeGateways.ts';
import { PersistentClient } from './support/persistentClient.ts';
import { botNames, FaultSite, VICTIMS } from './support/site.ts';
import { STORIES } from './support/stories.ts';
import type { Stage } from './support/story.ts';
import { Writers } from './support/writers.ts';

/** FAULT_SEED repeats the faults and the moods of the gateways; FAULT_KILLS and FAULT_WRITERS change their numbers; FAULT_QUEUE=postgres has the queue in PostgreSQL. */
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000_000);
const KILLS = Number(process.env.FAULT_KILLS ?? 4);
const WRITERS = Number(process.env.FAULT_WRITERS ?? STORIES.length);
const PLAN_STREAM = 1_000;
/** Between two kills, of writes and of requests to gateways. */
const STEPS_BETWEEN_MAX = 25;
/** By mail, text message and Web Push one message each may be under way when there is a kill, and is sent again. */
const CHANNELS = 3;
/** After the last kill; a guard against hanging. */
const SETTLE_MS_MAX = 240_000;
const SETTLE_PAUSE_MS = 1_000;

jest.setTimeout(1_800_000); // a guard against hanging
let site: FaultSite;
beforeAll(async () => {
  site = await FaultSite.open(SEED);
});
afterAll(() => site?.cleanUp());

test('every bot has something to do', () => {
  expect(new Set(STORIES.flatMap(({ bots }) => bots))).toEqual(new Set(botNames()));
});

test(`what each bot does is done once, over ${KILLS} kills of server, bots, queue and PostgreSQL (FAULT_SEED=${SEED})`, async () => {
  const stage: Stage = { client: new PersistentClient(site.root), gateways: site.gateways };
  await furnish(stage);
  const writers = new Writers(stage, WRITERS);
  await sufferAll(stage, writers);
  await writers.end();

  const wanted = [...writers.told].map(([id, { effects }]) => [id, [...effects].sort()] as const);
  const made = await settled(stage.client, (found) => isSame(namesOf(found), wanted));
  expect(namesOf(made)).toEqual(wanted);
  expect(await site.deliveries()).toEqual({ waiting: 0, dead: 0 });
  const all = [...made.values()].flat();
  expectClaimsOnce(stage.gateways, all);
  expectPaymentsOnce(stage.gateways);

  const { sent, again, unheard } = sentMessages(stage.gateways, all);
  console.error(
    `bots with FAULT_SEED=${SEED}: ${KILLS} kills; ${made.size} patients, of whom ${all.length} things were made; ${sent} messages sent, ${again} of them again, ${unheard} because the gateway's answer got lost`,
  );
  expect(again - unheard).toBeLessThanOrEqual(KILLS * CHANNELS);
  expect(await site.stop()).toBe(0);
});

async function sufferAll({ client, gateways }: Stage, writers: Writers): Promise<void> {
  const steps = () => client.writes + gateways.heard;
  for (const fault of planAmong(VICTIMS, randomOf(SEED, PLAN_STREAM), KILLS)) {
    const wanted = steps() + 1 + (fault.afterWrites % STEPS_BETWEEN_MAX);
    await Promise.race([writers.failed, until(() => steps() >= wanted, 'the writers went on')]);
    await site.suffer(fault);
  }
}

/** What there is when nothing waits to be delivered any more, and all is there. */
async function settled(client: PersistentClient, isAll: (found: Effects) => boolean): Promise<Effects> {
  const deadline = Date.now() + SETTLE_MS_MAX;
  for (;;) {
    const { waiting } = await site.deliveries();
    const found = await readEffects(client);
    if ((waiting === 0 && isAll(found)) || Date.now() > deadline) return found;
    await sleep(SETTLE_PAUSE_MS);
  }
}

type Names = (readonly [patient: string, effects: string[]])[];

const number = (patient: string): number => Number(patient.split('-')[1]);

const namesOf = (found: Effects): Names =>
  [...found]
    .map(([patient, made]) => [patient, made.map(effectOf).sort()] as const)
    .sort(([a], [b]) => number(a) - number(b));

const isSame = (one: Names, other: Names): boolean => JSON.stringify(one) === JSON.stringify(other);
