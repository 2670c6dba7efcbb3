import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { ImagingStudy } from '@medplum/fhirtypes';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ADMINISTRATOR } from '../../../server/test/support/administrator.ts';
import { startTestServer, type TestServer } from '../../../server/test/support/server.ts';
import { ServerAwayError, VersionConflictError } from '../../src/fhir/fhirServer.ts';
import { newUid, urnOfUid } from '../../src/identifiers/uid.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { StudyLedger } from '../../src/ledger/studyLedger.ts';
import type { ObjectAttributes } from '../../src/objects/attributes.ts';
import { Recorder } from '../../src/record/recorder.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let medplum: MedplumClient;
beforeAll(async () => {
  server = await startTestServer();
  medplum = new MedplumClient({
    baseUrl: `${server.url}/`,
    fhirUrlPath: 'fhir/R4',
    maxRetries: 0,
    cacheTime: 0,
  });
  await medplum.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
});
afterAll(() => server.stop());

let folder: string;
let database: DatabaseSync;
let ledger: Ledger;
let studies: StudyLedger;
let removed: string[];
let logged: Record<string, unknown>[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-recorder-'));
  database = openDatabase(path.join(folder, 'ledger.sqlite'));
  ledger = new Ledger(database);
  studies = new StudyLedger(database);
  removed = [];
  logged = [];
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** An object in the archive. */
function archived(studyInstanceUid: string, attributes: ObjectAttributes = {}): string {
  const sopInstanceUid = newUid();
  const object = {
    sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
    sopInstanceUid,
    studyInstanceUid,
    seriesInstanceUid: '1.2.6',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
    sha256: 'a'.repeat(64),
    bytes: 10,
    sourceAeTitle: 'A',
    attributes: { modality: 'DX', ...attributes },
    file: `${sopInstanceUid}.dcm`,
  };
  ledger.note(object, Date.now());
  ledger.advance(sopInstanceUid, 'archived');
  return object.file;
}
/** Runs a recorder until something holds. @param faults what asking for a client rejects with, in turn; then it is the real one */
async function record(
  isDone: () => boolean,
  { faults = [] as Error[], silenceMs = 60_000 } = {},
): Promise<void> {
  const recorder = new Recorder({
    ledger,
    studies,
    spool: { remove: async (name) => void removed.push(name) },
    server: { client: async () => Promise.resolve(rejectedBy(faults.shift())) },
    issuerOf: () => undefined,
    deviceOf: () => undefined,
    erasureOf: () => undefined,
    log: (event, details) => void logged.push({ event, ...details }),
    silenceMs,
    times: { gatherMs: 0, away: { firstMs: 1, maxMs: 4 }, refused: { firstMs: 60_000, maxMs: 60_000 } },
  });
  recorder.wake();
  await until(async () => isDone(), Boolean);
  await recorder.stop();
}
function rejectedBy(fault: Error | undefined): MedplumClient {
  if (fault) throw fault;
  return medplum;
}
const studyOf = (uid: string): Promise<ImagingStudy | undefined> =>
  medplum.searchOne('ImagingStudy', `identifier=urn:dicom:uid|${urnOfUid(uid)}`, { cache: 'reload' });
const isRecorded = (count: number) => () => ledger.counts()['recorded'] === count;

test('all objects of a study that are there are recorded in one go, and leave the spool', async () => {
  const uid = newUid();
  const files = Array.from({ length: 12 }, () => archived(uid));
  await record(isRecorded(12));
  expect(removed.sort()).toEqual(files.sort());
  expect(await studyOf(uid)).toMatchObject({ numberOfInstances: 12, meta: { versionId: '1' } });
});

test('while the server is away all wait, and nothing counts as refused', async () => {
  const [one, other] = [newUid(), newUid()];
  archived(one);
  archived(other);
  const away = () => new ServerAwayError('away');
  await record(isRecorded(2), { faults: Array.from({ length: 6 }, away) });
  expect(studies.counts()).toMatchObject({ arriving: 2, failing: 0 });
  expect(await studyOf(one)).toBeDefined();
});

test('what is announced while a study is recorded is looked at afterwards', async () => {
  const uid = newUid();
  const sopInstanceUid = archived(uid).replace(/\.dcm$/, '');
  const create = medplum.createResourceIfNoneExist.bind(medplum);
  medplum.createResourceIfNoneExist = ((...asked: Parameters<typeof create>) => {
    studies.announce(uid, [sopInstanceUid], Date.now());
    return create(...asked);
  }) as typeof create;
  try {
    await record(() => studies.counts().complete === 1);
  } finally {
    medplum.createResourceIfNoneExist = create;
  }
});

test('who comes second begins anew', async () => {
  const uid = newUid();
  archived(uid);
  await record(isRecorded(1), { faults: [] });
  let conflicts = 2;
  const update = medplum.updateResource.bind(medplum);
  medplum.updateResource = ((...asked: Parameters<typeof update>) => {
    if (conflicts-- > 0) return Promise.reject(new VersionConflictError('somebody was first'));
    return update(...asked);
  }) as typeof update;
  archived(uid);
  try {
    await record(isRecorded(2));
  } finally {
    medplum.updateResource = update;
  }
  expect(await studyOf(uid)).toMatchObject({ numberOfInstances: 2 });
  expect(studies.counts().failing).toBe(0);
});

test('a study that the server refuses waits, and holds up no other', async () => {
  const [refused, good] = [newUid(), newUid()];
  for (let at = 0; at < 3; at += 1) archived(refused, { studyDescription: '', patientId: 'secret-number' });
  archived(good);
  await record(() => studies.counts().failing === 1 && isRecorded(1)());
  expect(await studyOf(refused)).toBeUndefined();
  expect(await studyOf(good)).toBeDefined();
  const [fault] = logged;
  expect(fault).toMatchObject({ event: 'study not recorded', attempts: 1 });
  expect(fault!['reason']).toMatch(/^The server refuses it: .*ImagingStudy\.description/);
  expect(JSON.stringify(logged)).not.toContain('secret-number');
  expect(removed).toHaveLength(1);
});

test('a device that has finished ends the wait; a late object opens the study again', async () => {
  const uid = newUid();
  const file = archived(uid);
  studies.announce(uid, [file.replace(/\.dcm$/, '')], Date.now());
  await record(() => studies.counts().complete === 1);
  expect((await studyOf(uid))?.extension).toEqual([
    {
      url: 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness',
      valueCode: 'complete',
    },
  ]);
  archived(uid);
  await record(() => studies.counts().arriving === 1);
  expect(await studyOf(uid)).toMatchObject({ numberOfInstances: 2, extension: [{ valueCode: 'arriving' }] });
});

test('a database that takes nothing ends nothing: the study is noted as recorded when it takes something again', async () => {
  const uid = newUid();
  archived(uid);
  database.exec('PRAGMA query_only = ON');
  const isNoted = isRecorded(1);
  await record(() => {
    if (logged.some(({ event }) => event === 'study not noted')) database.exec('PRAGMA query_only = OFF');
    return isNoted();
  });
  expect(await studyOf(uid)).toMatchObject({ numberOfInstances: 1 });
});
