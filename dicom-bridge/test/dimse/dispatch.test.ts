import { afterAll, beforeAll, expect, test } from '@jest/globals';
import dimse from 'dcmjs-dimse';
import { MESSAGE_BYTES_MAX } from '../../src/dimse/association.ts';
import type { DimseAnswer, DimseContext, DimseMessage, DimseService } from '../../src/dimse/services.ts';
import { findAnswers } from '../../src/find/answers.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { findscu } from '../support/find.ts';
import { AE_TITLE, PEER, startReceiver, type TestReceiver } from '../support/receiver.ts';

const WORKLIST = '1.2.840.10008.5.1.4.31';
const PATIENT_ROOT = '1.2.840.10008.5.1.4.1.2.1.1';
/** What is meant to end does so before. */
const ITEMS_ENOUGH = 100_000;

let receiver: TestReceiver;
let source: (message: DimseMessage, context: DimseContext) => AsyncIterable<DimseAnswer>;
beforeAll(async () => {
  const worklist: DimseService = {
    sopClassUids: [WORKLIST],
    answer: (message, context) => source(message, context),
  };
  const forOthers: DimseService = { ...worklist, sopClassUids: [PATIENT_ROOT], admits: () => false };
  receiver = await startReceiver({ services: [worklist, forOthers] });
});
afterAll(() => receiver.stop());

/** Items without end, for which nothing is ever waited. */
async function* itemsUntil(isEnough: () => boolean) {
  for (let count = 0; count < ITEMS_ENOUGH && !isEnough(); count += 1) {
    yield { PatientID: String(count) };
  }
}

testWithDcmtk('others are answered while there is much to answer', async () => {
  let echo: Promise<unknown> | undefined;
  let isAnswered = false;
  let count = 0;
  source = (_message, { signal }) => {
    const items = itemsUntil(() => {
      echo ??= dcmtk('echoscu', ['-aet', PEER, '-aec', AE_TITLE, '127.0.0.1', String(receiver.port)]).then(
        () => (isAnswered = true),
      );
      count += 1;
      return isAnswered;
    });
    return findAnswers(items, signal, ITEMS_ENOUGH);
  };
  const { status } = await findscu(receiver.port, ['PatientID']);
  await echo;
  expect(status).toMatch(/^Success/);
  expect(count).toBeLessThan(ITEMS_ENOUGH);
});

testWithDcmtk('a query is cancelled', async () => {
  source = (_message, { signal }) =>
    findAnswers(
      itemsUntil(() => signal.aborted),
      signal,
      ITEMS_ENOUGH,
    );
  const { items, status } = await findscu(receiver.port, ['PatientID'], ['-W', '--cancel', '3']);
  expect(status).toMatch(/^Cancel/);
  expect(items.length).toBeLessThan(ITEMS_ENOUGH);
});

testWithDcmtk('more than what may be answered is no whole answer', async () => {
  source = (_message, { signal }) =>
    findAnswers(
      itemsUntil(() => false),
      signal,
      5,
    );
  const { items, status } = await findscu(receiver.port, ['PatientID']);
  expect([items.length, status]).toEqual([5, expect.stringMatching(/OutOfResources/i)]);
});

testWithDcmtk('what goes wrong is a status, and no detail of it is told or logged', async () => {
  source = async function* () {
    yield await Promise.reject<DimseAnswer>(new TypeError('Ann Test, born 1980'));
  };
  const { status } = await findscu(receiver.port, ['PatientID']);
  expect(status).toMatch(/0xc000|UnableToProcess/i);
  expect(receiver.logged).toContainEqual(
    expect.objectContaining({ event: 'message not answered', operation: 'C-FIND', reason: 'TypeError' }),
  );
  expect(JSON.stringify(receiver.logged)).not.toMatch('Ann Test');
});

testWithDcmtk('a service that is not there, or not for this peer, is not accepted', async () => {
  for (const root of ['-S', '-P']) {
    const { status } = await findscu(receiver.port, ['QueryRetrieveLevel=PATIENT', 'PatientID'], [root]);
    expect([root, status]).toEqual([
      root,
      expect.stringMatching(/No (?:Acceptable )?Presentation Contexts/i),
    ]);
  }
});

test('a message that is too long ends the association', async () => {
  source = async function* () {
    yield await Promise.resolve({ status: 0 });
  };
  const request = dimse.requests.CFindRequest.createWorklistFindRequest({
    PatientComments: 'x'.repeat(2 * MESSAGE_BYTES_MAX),
  });
  const statuses: number[] = [];
  request.on('response', (response) => void statuses.push(response.getStatus()));
  const client = new dimse.Client();
  client.on('networkError', () => undefined); // our end is closed while it is sending
  client.addRequest(request);
  await new Promise((resolve) => {
    client.on('closed', resolve);
    client.send('127.0.0.1', receiver.port, PEER, AE_TITLE);
  });
  expect(statuses).toEqual([]);
  expect(receiver.logged).toContainEqual(
    expect.objectContaining({
      event: 'association broken off',
      why: expect.stringContaining(`${MESSAGE_BYTES_MAX} bytes`),
    }),
  );
});
