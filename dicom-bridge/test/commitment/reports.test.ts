import { expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import type { ImageArchive } from '../../src/archive/imageArchive.ts';
import { Commitments } from '../../src/commitment/commitments.ts';
import { REPORT_TIMES, Reports, type ReportParts } from '../../src/commitment/reports.ts';
import { quietLibrary } from '../../src/dimse/quietLibrary.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { receiveReports } from '../support/commitmentPeer.ts';
import { freePort } from '../support/freePort.ts';
import { until } from '../support/until.ts';

quietLibrary();
const LOOPBACK = '127.0.0.1';
const LONG = { firstMs: 3_600_000, maxMs: 3_600_000 };
const OBJECTS = [{ sopClassUid: '1.2', sopInstanceUid: '1.2.3' }];
const EVENT = 'storage commitment not reported';

interface TestReports {
  commitments: Commitments;
  /** What was logged, with whom it was about. */
  events: (readonly [event: string, peer: unknown])[];
  reports: Reports;
}

/** Of objects that nobody knows. */
function openReports(of: Partial<ReportParts>): TestReports {
  const commitments = new Commitments(new DatabaseSync(':memory:'));
  const events: TestReports['events'] = [];
  const reports = new Reports({
    commitments,
    aeTitle: 'MAXRAY',
    ledger: { find: () => undefined } as unknown as Ledger,
    archive: {} as ImageArchive,
    destinationOf: () => undefined,
    log: (event, { peer }) => events.push([event, peer]),
    times: { ...REPORT_TIMES, backOff: LONG, pause: LONG },
    ...of,
  });
  return { commitments, events, reports };
}

test('peers that take no reports are tried once for all that they asked, and the others are told meanwhile', async () => {
  const port = await freePort();
  const peer = await receiveReports(port);
  const nobody = await freePort();
  const { commitments, events, reports } = openReports({
    destinationOf: (aeTitle) => ({ aeTitle, host: LOOPBACK, port: aeTitle === 'UNIT' ? port : nobody }),
  });
  const away = ['AWAY1', 'AWAY2', 'AWAY3', 'AWAY4', 'AWAY5'];
  for (const aeTitle of away)
    for (let i = 1; i <= 100; i += 1) commitments.note(aeTitle, `1.2.${i}`, OBJECTS, i);
  commitments.note('UNIT', '1.3', OBJECTS, Date.now());
  reports.wake();
  try {
    await until(
      () => Promise.resolve(peer.reports.length),
      (told) => told === 1,
    );
    expect(events.filter(([event]) => event === EVENT).sort()).toEqual(away.map((one) => [EVENT, one]));
  } finally {
    await reports.stop();
    await peer.stop();
  }
});

test('a database that takes nothing does not end the bridge', async () => {
  const { commitments, events, reports } = openReports({});
  commitments.note('UNIT', '1.3', OBJECTS, 1);
  commitments.postpone = () => {
    throw new Error('database or disk is full');
  };
  reports.wake();
  await until(
    () => Promise.resolve(events.length),
    (told) => told === 2,
  );
  expect(events.at(-1)).toEqual(['storage commitment not noted', 'UNIT']);
  await reports.stop();
});
