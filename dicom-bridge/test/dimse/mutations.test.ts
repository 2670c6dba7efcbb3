import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { randomOf } from '../../../server/test/acceptance/support/mutations/random.ts';
import { dataSetHash } from '../../src/objects/dataSetHash.ts';
import { MODALITY, openTestBridge, type TestBridge } from '../support/bridge.ts';
import { testWithDcmtk } from '../support/dcmtk.ts';
import { standBy, type Bystander } from '../support/echo.ts';
import { makeOriginals, type Original } from '../support/mutations/originals.ts';
import { mutationOf, unchanged } from '../support/mutations/mutate.ts';
import { MutantSender, type Sent } from '../support/mutations/send.ts';

/** MUTATION_SEED repeats a run, MUTATIONS makes it longer. */
const SEED = Number(process.env.MUTATION_SEED ?? 20_261_122);
const COUNT = Number(process.env.MUTATIONS ?? 300);
/** Often enough on any machine: who is silent for a minute is cut off. */
const ECHO_EVERY = 10;

jest.setTimeout(1_200_000); // a guard against hanging
let bridge: TestBridge;
let bystander: Bystander;
let originals: Original[];
beforeAll(async () => {
  bridge = await openTestBridge({ maxrayUrl: 'http://127.0.0.1:9' }); // nothing is there: objects stay to be recorded
  bystander = await standBy(bridge.dicomPort, MODALITY, 'MAXRAY');
  originals = await makeOriginals();
});
afterAll(async () => {
  await bystander?.leave();
  await bridge?.stop();
});

/** What is wrong with how an object that was accepted is kept and shown. */
async function faultsOf({ sopInstanceUid: uid, sha256 }: Sent): Promise<string[]> {
  const faults: string[] = [];
  const file = await bridge.ask(`/objects/${uid}`);
  const bytes = Buffer.from(await file.arrayBuffer());
  if (file.status !== 200) faults.push(`${file.status} for its file`);
  else if ((await dataSetHash(Readable.from([bytes]))) !== sha256) faults.push('other bytes than were sent');
  for (const part of ['metadata', 'frames/1', 'rendered?viewport=64,64']) {
    const { status } = await bridge.ask(`/objects/${uid}/${part}`);
    if (![200, 404, 406].includes(status)) faults.push(`${status} for ${part}`);
  }
  return faults;
}

testWithDcmtk(
  `${COUNT} mutated objects (MUTATION_SEED=${SEED}): each is refused with a status and a log line, or kept as it came`,
  async () => {
    const sender = new MutantSender(bridge);
    for (const original of originals) {
      for (const isFile of [true, false]) {
        const { says, status } = await sender.send(unchanged(original, isFile));
        expect([says, status]).toEqual([says, '0']);
        expect(await bystander.echo()).toBe(0);
      }
    }
    const faults: string[] = [];
    const accepted: Sent[] = [];
    const answers: Record<string, number> = {};
    for (let number = 0; number < COUNT; number += 1) {
      const mutation = mutationOf(originals, randomOf(SEED, number), number);
      const before = bridge.logged.length;
      const sent = await sender.send(mutation);
      answers[sent.status] = (answers[sent.status] ?? 0) + 1;
      const wrong = (what: string) => faults.push(`mutation ${number} (${mutation.says}): ${what}`);
      if (sent.status === '0') accepted.push(sent);
      else if (!sender.isRefusal(sent.status)) wrong(`the answer is ${sent.status}`);
      else if (!sent.isHttp && bridge.logged.length === before) wrong(`no log line for ${sent.status}`);
      if (number % ECHO_EVERY === 0) expect(await bystander.echo()).toBe(0);
    }
    await sender.leave();
    await bridge.statusWhen(async ({ objects }) => {
      expect(await bystander.echo()).toBe(0);
      return objects['received'] === undefined;
    });
    for (const [i, sent] of accepted.entries()) {
      for (const fault of await faultsOf(sent)) faults.push(`${sent.says}: ${fault}`);
      if (i % ECHO_EVERY === 0) expect(await bystander.echo()).toBe(0);
    }
    console.error(`mutations with MUTATION_SEED=${SEED}: ${COUNT}; answers ${JSON.stringify(answers)}`);
    expect(faults).toEqual([]);
    expect(await bystander.echo()).toBe(0);
    const spooled = readdirSync(path.join(bridge.config.folder, 'spool'));
    expect(spooled.filter((name) => !name.endsWith('.dcm'))).toEqual([]);
    const kept = new Set([...originals, ...accepted].map(({ sopInstanceUid }) => sopInstanceUid)).size;
    const { objects } = await bridge.statusWhen((status) => status.objects['received'] === undefined);
    expect(objects).toEqual({ archived: kept, conflict: answers['111'] ?? 0 });
  },
);
