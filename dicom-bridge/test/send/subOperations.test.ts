import { expect, test } from '@jest/globals';
import type { DimseAnswer } from '../../src/dimse/services.ts';
import type { RetrievedInstance } from '../../src/send/findInstances.ts';
import type { Sent } from '../../src/send/objectSender.ts';
import { subOperations } from '../../src/send/subOperations.ts';

const instances = ['1.1', '1.2', '1.3'].map((sopInstanceUid) => ({
  studyInstanceUid: '1',
  sopClassUid: '1.5',
  sopInstanceUid,
}));
/** Statuses and counts (remaining, completed, failed, warnings) of all answers to sending three objects, and what failed. */
async function told(
  send: (instance: RetrievedInstance) => Promise<Sent>,
  more: { aliveMs?: number; of?: readonly RetrievedInstance[] } = {},
) {
  const { of = instances, ...others } = more;
  const broken: unknown[] = [];
  const parts = {
    instances: of,
    send,
    signal: new AbortController().signal,
    onBroken: (error: unknown) => broken.push(error),
  };
  const answers: DimseAnswer[] = [];
  for await (const answer of subOperations({ ...parts, ...others })) answers.push(answer);
  const counts = answers.map(({ status, command }) => [status, ...Object.values(command!)]);
  return { counts, failed: answers.at(-1)!.dataSet?.['FailedSOPInstanceUIDList'], broken };
}
const each =
  (...sent: Sent[]) =>
  () =>
    Promise.resolve(sent.shift()!);

test('after each object it is told how many there are still', async () => {
  expect(await told(each('completed', 'completed', 'completed'))).toEqual({
    counts: [
      [0xff00, 2, 1, 0, 0],
      [0xff00, 1, 2, 0, 0],
      [0x0000, 3, 0, 0],
    ],
    failed: undefined,
    broken: [],
  });
});

test.each<[sent: Sent[], status: number, failed: string[] | undefined]>([
  [['completed', 'failed', 'completed'], 0xb000, ['1.2']],
  [['completed', 'warning', 'completed'], 0xb000, undefined],
  [['failed', 'failed', 'failed'], 0xa702, ['1.1', '1.2', '1.3']],
  [['failed', 'warning', 'failed'], 0xb000, ['1.1', '1.3']],
])('%j ends with %d', async (sent, status, failed) => {
  const all = await told(each(...sent));
  expect([all.counts.at(-1)![0], all.failed]).toEqual([status, failed]);
});

test('what breaks the association fails all that is left', async () => {
  const error = new Error('gone');
  const sent: Sent[] = ['completed'];
  const all = await told(() => (sent.length > 0 ? Promise.resolve(sent.shift()!) : Promise.reject(error)));
  expect(all.counts.at(-1)).toEqual([0xb000, 1, 2, 0]);
  expect([all.failed, all.broken]).toEqual([['1.2', '1.3'], [error]]);
});

test('nothing to send is sent', async () => {
  expect((await told(each(), { of: [] })).counts).toEqual([[0x0000, 0, 0, 0]]);
});

test('while an object is long on its way, somebody hears of it', async () => {
  const { promise, resolve } = Promise.withResolvers<Sent>();
  const answers = subOperations({
    instances: instances.slice(0, 1),
    send: () => promise,
    signal: new AbortController().signal,
    aliveMs: 1,
    onBroken: () => undefined,
  });
  expect((await answers.next()).value).toMatchObject({
    status: 0xff00,
    command: { NumberOfRemainingSuboperations: 1 },
  });
  resolve('completed');
  let last: DimseAnswer | undefined;
  for await (const answer of answers) last = answer;
  expect(last).toMatchObject({ status: 0, command: { NumberOfCompletedSuboperations: 1 } });
});
