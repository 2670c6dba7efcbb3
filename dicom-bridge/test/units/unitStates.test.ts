import { expect, test } from '@jest/globals';
import type { MedplumClient } from '@medplum/core';
import { ServerAwayError } from '../../src/fhir/fhirServer.ts';
import { UnitRecorder } from '../../src/units/unitRecorder.ts';
import { SEEN_TOLD_MS, type UnitState } from '../../src/units/unitState.ts';
import { UnitStates } from '../../src/units/unitStates.ts';
import { until } from '../support/until.ts';

const UNIT = 'Device/1';

test('news are when a unit comes, goes, and is still there after a while', () => {
  const news: [string, UnitState][] = [];
  const states = new UnitStates((device, state) => void news.push([device, state]));
  states.seen(UNIT, 1_000);
  states.seen(UNIT, 2_000);
  states.seen(UNIT, 1_000 + SEEN_TOLD_MS);
  states.missed(UNIT);
  states.seen(UNIT, 3_000 + SEEN_TOLD_MS);
  states.missed(UNIT);
  states.missed(UNIT);
  states.missed(UNIT);
  states.seen(UNIT, 4_000 + SEEN_TOLD_MS);
  expect(news).toEqual([
    [UNIT, { isReachable: true, seenMs: 1_000 }],
    [UNIT, { isReachable: true, seenMs: 1_000 + SEEN_TOLD_MS }],
    [UNIT, { isReachable: false, seenMs: 3_000 + SEEN_TOLD_MS }],
    [UNIT, { isReachable: true, seenMs: 4_000 + SEEN_TOLD_MS }],
  ]);
});

test('a unit that was never heard of is unreachable after two checks', () => {
  const news: UnitState[] = [];
  const states = new UnitStates((_, state) => void news.push(state));
  states.missed(UNIT);
  expect(news).toEqual([]);
  states.missed(UNIT);
  expect(news).toEqual([{ isReachable: false }]);
});

test('while the server is away only the last state of a unit waits', async () => {
  const written: unknown[] = [];
  let isAway = true;
  const medplum = {
    searchOne: async () => undefined,
    executeBatch: async ({ entry: [one] }: { entry: [{ resource: { operationalStatus: string } }] }) =>
      void written.push(one.resource.operationalStatus),
  } as unknown as MedplumClient;
  const client = async () => {
    if (isAway) throw new ServerAwayError('away');
    return medplum;
  };
  const times = { firstMs: 1, maxMs: 1 };
  const recorder = new UnitRecorder({ server: { client }, log: () => undefined, times });
  recorder.record(UNIT, { isReachable: true, seenMs: 1 });
  recorder.record(UNIT, { isReachable: false, seenMs: 1 });
  isAway = false;
  await until(
    async () => written.length,
    (count) => count > 0,
  );
  await recorder.stop();
  expect(written).toEqual(['off']);
});
