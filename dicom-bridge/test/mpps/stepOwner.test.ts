import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { DimseError, type DimseMessage, type Operation, type Requester } from '../../src/dimse/services.ts';
import { LocalClock } from '../../src/fhir/localTime.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { MppsService, OPEN_STEP_MS, OPEN_STEPS_MAX, PERFORMED_STEP } from '../../src/mpps/mppsService.ts';
import type { PerformedStep } from '../../src/mpps/performedStep.ts';
import { StepLedger } from '../../src/mpps/stepLedger.ts';

const [SUCCESS, NOT_AUTHORIZED, RESOURCE_LIMITATION] = [0, 0x0124, 0x0213];
const UNIT: Requester = { aeTitle: 'UNIT1', address: '192.0.2.1' };
const BEGUN = {
  PerformedProcedureStepID: 'S1',
  PerformedStationAETitle: 'UNIT1',
  PerformedProcedureStepStartDate: '20261202',
  PerformedProcedureStepStartTime: '090000',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  Modality: 'DX',
  ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2.3' }],
};
const ENDED = { PerformedProcedureStepStatus: 'COMPLETED' };

let database: DatabaseSync;
let steps: StepLedger;
let service: MppsService;
beforeEach(() => {
  database = new DatabaseSync(':memory:');
  steps = new StepLedger(database);
  service = new MppsService({
    ...{ steps, clock: new LocalClock('UTC'), peers: { mayUse: () => true } },
    ...{ onNoted: () => undefined, announce: () => undefined },
  });
});
afterEach(() => database.close());

/** The status of the answer. */
async function tell(
  operation: Operation,
  sopInstanceUid: string,
  dataSet: object,
  requester: Requester,
): Promise<number> {
  const message: DimseMessage = {
    ...{ operation, sopClassUid: PERFORMED_STEP, sopInstanceUid },
    ...{ command: {}, dataSet: { ...dataSet } },
  };
  const association = { contexts: [], invoke: () => Promise.reject(new Error('not asked')) };
  const context = { requester, signal: new AbortController().signal, association };
  try {
    const { value } = await service.answer(message, context).next();
    return (value as { status: number }).status;
  } catch (error) {
    if (error instanceof DimseError) return error.status;
    throw error;
  }
}

const certificate = 'a5'.repeat(32);
test.each([
  ['another AE title', UNIT, { ...UNIT, aeTitle: 'UNIT2' }],
  ['another certificate', { ...UNIT, certificate }, { ...UNIT, certificate: 'b6'.repeat(32) }],
  ['no certificate, where there was one', { ...UNIT, certificate }, UNIT],
  ['a certificate, where there was none', UNIT, { ...UNIT, certificate }],
])('whoever has %s does not go on with a step', async (_what, owner, other) => {
  const step = newUid();
  expect(await tell('N-CREATE', step, BEGUN, owner)).toBe(SUCCESS);
  expect(await tell('N-SET', step, ENDED, other)).toBe(NOT_AUTHORIZED);
  expect(steps.find(step)?.status).toBe('IN PROGRESS');
  expect(await tell('N-SET', step, ENDED, owner)).toBe(SUCCESS);
});

test('a peer has so many steps in progress; what it has given up, and what others do, does not count', async () => {
  const begin = (nowMs: number, status: PerformedStep['status'] = 'IN PROGRESS') => {
    const step = { sopInstanceUid: newUid(), status, sourceAeTitle: UNIT.aeTitle } as PerformedStep;
    steps.begin(step, nowMs);
  };
  const nowMs = Date.now();
  for (let i = 1; i < OPEN_STEPS_MAX; i += 1) begin(nowMs);
  begin(nowMs - OPEN_STEP_MS - 1_000);
  begin(nowMs, 'COMPLETED');
  expect(await tell('N-CREATE', newUid(), BEGUN, UNIT)).toBe(SUCCESS);
  expect(await tell('N-CREATE', newUid(), BEGUN, UNIT)).toBe(RESOURCE_LIMITATION);
  expect(await tell('N-CREATE', newUid(), BEGUN, { ...UNIT, aeTitle: 'UNIT2' })).toBe(SUCCESS);
});
