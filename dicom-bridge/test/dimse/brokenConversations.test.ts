import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { randomOf } from '../../../server/test/acceptance/support/mutations/random.ts';
import { DX_CLASS, EXPLICIT_LITTLE_ENDIAN, xray } from '../support/dicomObject.ts';
import { standBy, type Bystander } from '../support/echo.ts';
import { broken } from '../support/mutations/mutate.ts';
import * as raw from '../support/rawPeer.ts';
import { AE_TITLE, PEER, startReceiver, type TestReceiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

/** MUTATION_SEED repeats a run, MUTATIONS makes it longer. */
const SEED = Number(process.env.MUTATION_SEED ?? 20_261_123);
const COUNT = Number(process.env.MUTATIONS ?? 300);
/** Often enough on any machine: who is silent for a minute is cut off. */
const ECHO_EVERY = 10;
const CONTEXT = 1;

jest.setTimeout(1_200_000); // a guard against hanging
let receiver: TestReceiver;
let bystander: Bystander;
beforeAll(async () => {
  receiver = await startReceiver();
  bystander = await standBy(receiver.port, PEER, AE_TITLE);
});
afterAll(async () => {
  await bystander?.leave();
  await receiver?.stop();
});

/** All that a peer says to send one object. */
function conversation(): Buffer {
  const { object, dataSet } = xray({ rows: 16, columns: 16 });
  const { COMMAND, DATA, LAST, PDU } = raw;
  const half = dataSet.length >> 1;
  return Buffer.concat([
    raw.associateRequest(PEER, AE_TITLE, [
      { id: CONTEXT, abstractSyntax: DX_CLASS, transferSyntax: EXPLICIT_LITTLE_ENDIAN },
    ]),
    raw.fragment(CONTEXT, COMMAND | LAST, raw.storeCommand(DX_CLASS, object.sopInstanceUid)),
    raw.fragment(CONTEXT, DATA, dataSet.subarray(0, half)),
    raw.fragment(CONTEXT, LAST, dataSet.subarray(half)),
    raw.pdu(PDU.release, Buffer.alloc(4)),
  ]);
}

async function say(bytes: Buffer): Promise<void> {
  const peer = await raw.RawPeer.connect(receiver.port);
  peer.send(bytes);
  peer.end();
  await peer.untilClosed();
}

test(`${COUNT} broken conversations (MUTATION_SEED=${SEED}) end, disturb nobody and leave nothing half done`, async () => {
  await say(conversation());
  await until(
    async () => receiver.ledger.counts(),
    (counts) => counts['received'] === 1,
  );
  for (let number = 0; number < COUNT; number += 1) {
    const { bytes, says } = broken(conversation(), randomOf(SEED, number));
    await say(bytes).catch((error: Error) => {
      throw new Error(`conversation ${number} (${says}): ${error.message}`);
    });
    if (number % ECHO_EVERY === 0) expect(await bystander.echo()).toBe(0);
  }
  expect(await bystander.echo()).toBe(0);
  const spool = path.join(receiver.folder, 'spool');
  const noted = () => receiver.ledger.due('received', Date.now(), COUNT + 1);
  const conflicts = () => receiver.ledger.counts()['conflict'] ?? 0;
  // What came to its end last has its name before it is safe and noted.
  await until(
    async () => ({ names: readdirSync(spool), keptFiles: noted().length + conflicts() }),
    ({ names, keptFiles }) => names.length === keptFiles && names.every((name) => name.endsWith('.dcm')),
  );
  expect(noted().filter(({ file }) => !existsSync(path.join(spool, file)))).toEqual([]);
});
