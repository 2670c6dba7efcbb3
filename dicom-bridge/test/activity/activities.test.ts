import { expect, test } from '@jest/globals';
import { OperationOutcomeError, type MedplumClient } from '@medplum/core';
import { DatabaseSync } from 'node:sqlite';
import { Activities } from '../../src/activity/activities.ts';
import { STUDIES_MAX, type Activity } from '../../src/activity/activity.ts';
import { ActivityLedger } from '../../src/activity/activityLedger.ts';
import { ActivitySender } from '../../src/activity/activitySender.ts';
import { REFUSALS_EACH_MAX } from '../../src/activity/refusals.ts';
import { TRANSFERS_MAX } from '../../src/activity/transfers.ts';
import { ServerAwayError } from '../../src/fhir/fhirServer.ts';
import { until } from '../support/until.ts';

const PEER = { aeTitle: 'UNIT1', address: '::ffff:192.0.2.7' };
const activity = (id: string): Activity => ({ id, atMs: 1, kind: 'started' });
/** So long that nothing ends by itself. */
const LONG_MS = 3_600_000;

function openActivities(add?: () => boolean) {
  const noted: Activity[] = [];
  const logged: string[] = [];
  const ledger = { add: add ?? ((one: Activity) => noted.push(one) > 0) };
  const log = (event: string) => void logged.push(event);
  const peers = { find: () => ({ ...PEER, device: 'Device/1' }) };
  const studyOf = (sopInstanceUid: string) => sopInstanceUid.split('.').slice(0, -1).join('.');
  const parts = { ledger, studyOf, peers, log, onNoted: () => undefined, transferMs: LONG_MS };
  const told = () => noted.map(({ id: _, atMs: __, ...rest }) => rest);
  return { activities: new Activities(parts), told, logged };
}
const UNIT = { aeTitle: 'UNIT1', address: '192.0.2.7', device: 'Device/1' };

test('objects of a study that one peer sends are one transfer, whatever its associations', () => {
  const { activities, told } = openActivities();
  for (const uid of ['1.2.1', '1.2.2', '1.3.1']) activities.stored(PEER, uid);
  activities.stored({ ...PEER, aeTitle: 'UNIT2' }, '1.2.1');
  activities.stopped();
  const unit2 = { ...UNIT, aeTitle: 'UNIT2' };
  expect(told()).toEqual([
    { kind: 'receiving', ...UNIT, studies: [['1.2', 0]] },
    { kind: 'receiving', ...UNIT, studies: [['1.3', 0]] },
    { kind: 'receiving', ...unit2, studies: [['1.2', 0]] },
    { kind: 'received', ...UNIT, studies: [['1.2', 2]] },
    { kind: 'received', ...UNIT, studies: [['1.3', 1]] },
    { kind: 'received', ...unit2, studies: [['1.2', 1]] },
    { kind: 'stopped' },
  ]);
});

test('of too many transfers at once the oldest ends', () => {
  const { activities, told } = openActivities();
  for (let i = 0; i <= TRANSFERS_MAX; i += 1) activities.stored(PEER, `1.${i}.1`);
  const ended = told().filter(({ kind }) => kind === 'received');
  expect(ended).toEqual([{ kind: 'received', ...UNIT, studies: [['1.0', 1]] }]);
  activities.stopped();
});

test('who is refused again and again is told of once', () => {
  const { activities, told } = openActivities();
  for (let i = 0; i < REFUSALS_EACH_MAX + 7; i += 1) activities.refused(PEER, 'calling AE title');
  expect(told()).toHaveLength(REFUSALS_EACH_MAX);
  activities.stopped();
  expect(told().slice(REFUSALS_EACH_MAX)).toEqual([
    { kind: 'refused', text: '7 further associations within a minute' },
    { kind: 'stopped' },
  ]);
});

test('a name and a place that are none are left out', () => {
  const { activities, told } = openActivities();
  activities.refused({ aeTitle: 'Ann\\Test', address: 'nowhere' }, 'calling AE title');
  expect(told()).toEqual([{ kind: 'refused', text: 'calling AE title' }]);
  activities.stopped();
});

test('a disk that takes nothing disturbs nobody', () => {
  const { activities, logged } = openActivities(() => {
    throw new Error('disk full');
  });
  activities.accepted(PEER);
  activities.stored(PEER, '1.2.1');
  activities.stopped();
  expect(new Set(logged)).toEqual(new Set(['activity not noted']));
});

test('a retrieval of many studies is several activities', () => {
  const { activities, told } = openActivities();
  const studies = Array.from({ length: STUDIES_MAX + 1 }, (_, i) => [`1.${i}`, 1] as const);
  activities.sent({ requester: PEER, studies, text: 'C-GET', failed: true });
  expect(told().map((one) => one.studies!.length)).toEqual([STUDIES_MAX, 1]);
  expect(told()[1]).toEqual({ kind: 'sent', ...UNIT, studies: [['1.100', 1]], text: 'C-GET', failed: true });
});

/** A server that fails some times, and keeps what it takes. */
function serverThat(...faults: Error[]) {
  const taken: Activity[] = [];
  const post = async (_url: string, { activities }: { activities: Activity[] }) =>
    void taken.push(...activities);
  const client = async () => {
    const fault = faults.shift();
    if (fault) throw fault;
    return { fhirUrl: (...parts: string[]) => parts.join('/'), post } as unknown as MedplumClient;
  };
  return { server: { client }, taken };
}

test('what the server does not take waits for it, in its order, and what there was no room for is counted', async () => {
  const database = new DatabaseSync(':memory:');
  const before = new ActivityLedger(database, 3);
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => before.add(activity(id)))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  const ledger = new ActivityLedger(database, 3); // as after a restart
  expect(ledger.counts()).toEqual({ waiting: 3, lost: 2 });
  const { server, taken } = serverThat(new ServerAwayError('away'), new Error('Ann Test was refused'));
  const logged: object[] = [];
  const log = (event: string, details: object) => void logged.push({ event, ...details });
  const times = { gatherMs: 1, retry: { firstMs: 1, maxMs: 1 } };
  const sender = new ActivitySender({ ledger, server, log, times });
  sender.wake();
  await until(
    async () => ledger.counts(),
    ({ waiting }) => waiting === 0,
  );
  await sender.stop();
  expect(taken.slice(0, 3)).toEqual([activity('a'), activity('b'), activity('c')]);
  expect(taken.slice(3)).toMatchObject([{ kind: 'unrecorded', text: expect.stringMatching(/^2 events/) }]);
  expect(logged).toEqual([
    { event: 'activities not recorded', attempts: 2, reason: 'Error' },
    { event: 'activities lost', count: 2 },
  ]);
  expect(ledger.counts()).toEqual({ waiting: 0, lost: 0 });
  database.close();
});

test('one that the server finds wrong holds up no other, and is counted', async () => {
  const database = new DatabaseSync(':memory:');
  const ledger = new ActivityLedger(database);
  for (const id of ['a', 'b', 'c', 'd']) ledger.add(activity(id));
  const taken: Activity[] = [];
  const post = async (_url: string, { activities }: { activities: Activity[] }) => {
    if (activities.some(({ id }) => id === 'b')) throw FOUND_WRONG;
    taken.push(...activities);
  };
  const medplum = { fhirUrl: (...parts: string[]) => parts.join('/'), post } as unknown as MedplumClient;
  const times = { gatherMs: 1, retry: { firstMs: 1, maxMs: 1 } };
  const server = { client: async () => medplum };
  const sender = new ActivitySender({ ledger, server, log: () => undefined, times });
  sender.wake();
  await until(
    async () => ledger.counts(),
    ({ waiting }) => waiting === 0,
  );
  await sender.stop();
  expect(taken.slice(0, 3)).toEqual([activity('a'), activity('c'), activity('d')]);
  expect(taken.slice(3)).toMatchObject([{ kind: 'unrecorded', text: expect.stringMatching(/^1 events/) }]);
  database.close();
});

const FOUND_WRONG = new OperationOutcomeError({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'value', expression: ['activities[0].text'] }],
});
