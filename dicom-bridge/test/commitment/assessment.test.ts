import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import os from 'node:os';
import path from 'node:path';
import { FileArchive } from '../../src/archive/files/fileArchive.ts';
import { assess } from '../../src/commitment/assessment.ts';
import { Commitments } from '../../src/commitment/commitments.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { Ledger, type ReceivedObject } from '../../src/ledger/ledger.ts';
import { readObjectFile } from '../../src/upload/objectFile.ts';
import { DX_CLASS, xray } from '../support/dicomObject.ts';

let folder: string;
let database: DatabaseSync;
let ledger: Ledger;
let archive: FileArchive;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-commitment-'));
  database = openDatabase(path.join(folder, 'ledger.sqlite'));
  ledger = new Ledger(database);
  archive = new FileArchive(path.join(folder, 'archive'));
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

async function received(): Promise<ReceivedObject & { path: string }> {
  const file = path.join(folder, `${newUid()}.dcm`);
  writeFileSync(file, xray().file);
  const object = { ...(await readObjectFile(file)), sourceAeTitle: 'UNIT', file: path.basename(file) };
  ledger.note(object, 1);
  return { ...object, path: file };
}
const assessed = (sopInstanceUid: string, aeTitle = 'UNIT') => {
  const instances = [{ sopClassUid: DX_CLASS, sopInstanceUid }];
  const commitment = {
    aeTitle,
    transactionUid: '1.2',
    instances,
    receivedMs: 1,
    attempts: 0,
    nextMs: 1,
    fault: null,
  };
  return assess({ ledger, archive }, commitment);
};
const counts = async (uid: string, aeTitle?: string) => {
  const { committed, failed, waiting } = await assessed(uid, aeTitle);
  return [committed.length, failed.map(({ reason }) => reason), waiting.length];
};

test('an object is committed when the archive has it, and not before', async () => {
  const object = await received();
  const { sopInstanceUid: uid } = object;
  expect(await counts(uid)).toEqual([0, [], 1]);
  await archive.store(object);
  expect(await counts(uid)).toEqual([0, [], 1]);
  ledger.advance(uid, 'archived');
  expect(await counts(uid)).toEqual([1, [], 0]);
  await archive.remove(uid);
  expect(await counts(uid)).toEqual([0, [0x0112], 0]);
});

test('an object that the archive refuses, or of which a sender has sent another form, is not kept for it', async () => {
  const refused = await received();
  ledger.quarantine(refused.sopInstanceUid, 'refused');
  expect(await counts(refused.sopInstanceUid)).toEqual([0, [0x0110], 0]);
  const object = await received();
  await archive.store(object);
  ledger.advance(object.sopInstanceUid, 'archived');
  ledger.note({ ...object, sha256: 'b'.repeat(64), sourceAeTitle: 'OTHER' }, 2);
  expect(await counts(object.sopInstanceUid, 'OTHER')).toEqual([0, [0x0110], 0]);
  expect(await counts(object.sopInstanceUid, 'UNIT')).toEqual([1, [], 0]);
});

test('requests are known by who asks and their transaction, and come when they are due', () => {
  const commitments = new Commitments(database);
  const [one, other] = [
    [{ sopClassUid: DX_CLASS, sopInstanceUid: '1.1' }],
    [{ sopClassUid: DX_CLASS, sopInstanceUid: '1.2' }],
  ];
  expect(commitments.note('UNIT', '1.5', one, 10)).toBe('new');
  expect(commitments.note('UNIT', '1.5', one, 11)).toBe('known');
  expect(commitments.note('UNIT', '1.5', other, 12)).toBe('other');
  expect(commitments.note('OTHER', '1.5', other, 13)).toBe('new');
  expect(commitments.due(12, 9, [])).toMatchObject([{ aeTitle: 'UNIT', instances: one, attempts: 0 }]);
  const [first] = commitments.due(13, 9, []);
  commitments.postpone(first!, 20, 'away');
  expect(commitments.due(20, 9, [])).toMatchObject([
    { aeTitle: 'OTHER' },
    { aeTitle: 'UNIT', attempts: 1, fault: 'away' },
  ]);
  expect(commitments.nextMs([])).toBe(13);
  commitments.due(20, 9, []).forEach((all) => commitments.remove(all));
  expect(commitments.nextMs([])).toBeUndefined();
});
