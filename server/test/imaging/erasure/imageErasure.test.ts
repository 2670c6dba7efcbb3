import { expect, test } from '@jest/globals';
import { until } from '../../../../dicom-bridge/test/support/until.ts';
import type { AuditRecord } from '../../../src/audit/record.ts';
import { BridgeError, bridgeAway } from '../../../src/imaging/bridge/bridgeError.ts';
import { ImageErasure, type StudyToErase } from '../../../src/imaging/erasure/imageErasure.ts';

const TIMES = { pauseMs: 1, pauseMsMax: 4, idleMs: 3_600_000 };

/** What a bridge answers, in turn; then that all is removed. */
function world(answers: ('removing' | BridgeError)[]) {
  const noted = new Map<string, StudyToErase & { fault?: string }>();
  const asked: string[] = [];
  const records: AuditRecord[] = [];
  const told: string[] = [];
  const erasure = new ImageErasure({
    studies: {
      due: async (limit) => [...noted.values()].slice(0, limit),
      removed: async ({ studyInstanceUid }) => noted.delete(studyInstanceUid),
      postpone: async (study, _pauseMs, fault) => {
        const next = { ...study, attempts: study.attempts + 1, ...(fault !== undefined && { fault }) };
        noted.set(study.studyInstanceUid, next);
      },
      counts: async () => ({ waiting: noted.size, failing: 0 }),
    },
    bridge: {
      eraseStudy: async (uid, certificate) => {
        asked.push(`${uid} ${certificate}`);
        const answer = answers.shift() ?? 'removed';
        if (answer instanceof BridgeError) throw answer;
        return answer;
      },
    },
    audit: { append: async (record) => void records.push(record) },
    log: (_level, message) => void told.push(message),
    times: TIMES,
  });
  const note = (studyInstanceUid: string) =>
    noted.set(studyInstanceUid, { studyInstanceUid, certificate: 'c1', attempts: 0 });
  return { erasure, noted, asked, records, told, note };
}

test('a bridge is asked until the images are gone, and then that is recorded', async () => {
  const { erasure, noted, asked, records, told, note } = world([bridgeAway('It is away.'), 'removing']);
  note('1.2.3');
  erasure.start();
  await until(
    async () => noted.size,
    (left) => left === 0,
  );
  await erasure.stop();
  expect(asked).toEqual(['1.2.3 c1', '1.2.3 c1', '1.2.3 c1']);
  expect(told).toEqual([expect.stringContaining('It is away.')]);
  expect(records).toMatchObject([
    { event: 'images-erased', outcome: 0, patients: [], resources: ['DocumentReference/c1'] },
  ]);
});

test('what is noted while it waits is erased when it is woken', async () => {
  const { erasure, noted, note } = world([]);
  erasure.start();
  note('1.2.4');
  erasure.wake();
  await until(
    async () => noted.size,
    (left) => left === 0,
  );
  await erasure.stop();
});

test('many are erased in one go', async () => {
  const { erasure, noted, note } = world([]);
  for (let i = 0; i < 120; i += 1) note(`1.2.${i}`);
  erasure.start();
  await until(
    async () => noted.size,
    (left) => left === 0,
  );
  await erasure.stop();
});
