import { afterAll, beforeAll, expect } from '@jest/globals';
import { openTestBridge, type TestBridge } from '../support/bridge.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';

const [LOOPBACK, READER] = ['127.0.0.1', 'READER'];
let bridge: TestBridge;
beforeAll(async () => {
  bridge = await openTestBridge({
    maxrayUrl: `http://${LOOPBACK}:9`, // nothing is there
    allow: [{ aeTitle: READER, address: LOOPBACK, services: ['query-retrieve'] }],
  });
});
afterAll(() => bridge.stop());

testWithDcmtk('while the record does not answer, queries and retrievals fail, and say so', async () => {
  const to = ['-aet', READER, '-aec', 'MAXRAY', LOOPBACK, String(bridge.dicomPort)];
  const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID=1.2.3'];
  for (const program of ['findscu', 'getscu']) {
    const { output } = await dcmtk(program, ['-d', '-S', ...keys, ...to]);
    expect([program, output]).toEqual([program, expect.stringMatching(/Status\s*: 0xc000/)]);
  }
});
