import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ENCAPSULATED_PDF, WRITE_BACK_SOURCE } from '../../src/documents/writtenBack.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { Ledger, type ReceivedObject } from '../../src/ledger/ledger.ts';
import { StudyLedger } from '../../src/ledger/studyLedger.ts';

let folder: string;
let database: DatabaseSync;
let ledger: Ledger;
let studies: StudyLedger;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-studies-'));
  database = openDatabase(path.join(folder, 'ledger.sqlite'));
  ledger = new Ledger(database);
  studies = new StudyLedger(database);
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

/** Notes an object of a study, and has it archived. */
function archived(studyInstanceUid: string, sopInstanceUid: string) {
  received(studyInstanceUid, sopInstanceUid);
  ledger.advance(sopInstanceUid, 'archived');
}
const received = (studyInstanceUid: string, sopInstanceUid: string, changes: Partial<ReceivedObject> = {}) =>
  ledger.note(
    {
      sopClassUid: '1.2.3',
      sopInstanceUid,
      studyInstanceUid,
      seriesInstanceUid: '1.2.6',
      transferSyntaxUid: '1.2.7',
      sha256: 'a'.repeat(64),
      bytes: 10,
      sourceAeTitle: 'A',
      attributes: {},
      file: `${sopInstanceUid}.dcm`,
      ...changes,
    },
    1,
  );

test('a study is due when something of it is archived and not recorded, not before its time', () => {
  received('1.1', '1.1.1');
  expect([studies.due(100, 9), studies.nextMs()]).toEqual([[], undefined]);
  archived('1.1', '1.1.2');
  archived('1.2', '1.2.1');
  expect(studies.due(100, 9).sort()).toEqual(['1.1', '1.2']);
  expect(studies.due(100, 1)).toHaveLength(1);
  ledger.record(['1.1.2', '1.2.1']);
  studies.recorded('1.1', 'arriving', { nextMs: 30, quietMs: 60 });
  studies.recorded('1.2', 'complete', { nextMs: 30, quietMs: null });
  expect([studies.due(59, 9), studies.due(60, 9), studies.nextMs()]).toEqual([[], ['1.1'], 60]);
  archived('1.2', '1.2.2');
  expect([studies.due(29, 9), studies.due(30, 9), studies.nextMs()]).toEqual([[], ['1.2'], 30]);
  expect(studies.counts()).toEqual({ arriving: 1, complete: 1, partial: 0, failing: 0 });
});

test('one that could not be recorded waits, and is forgiven once it is', () => {
  archived('1.1', '1.1.1');
  studies.postpone('1.1', 50, 'no');
  studies.postpone('1.1', 80, 'no');
  expect([studies.due(79, 9), studies.due(80, 9), studies.nextMs()]).toEqual([[], ['1.1'], 80]);
  expect(studies.find('1.1')).toMatchObject({ completeness: null, attempts: 2 });
  expect(studies.counts().failing).toBe(1);
  ledger.record(['1.1.1']);
  studies.recorded('1.1', 'complete', { nextMs: 0, quietMs: null });
  expect(studies.find('1.1')).toMatchObject({ completeness: 'complete', attempts: 0 });
  expect([studies.counts().failing, studies.nextMs()]).toEqual([0, undefined]);
});

test('what a device announces is looked at as soon as the study is in the record', () => {
  studies.announce('1.1', ['1.1.1'], 5);
  studies.announce('1.1', ['1.1.2', '1.1.1'], 6); // of another step
  expect([studies.due(100, 9), studies.find('1.1').announced]).toEqual([[], ['1.1.1', '1.1.2']]);
  archived('1.2', '1.2.1');
  ledger.record(['1.2.1']);
  studies.recorded('1.2', 'arriving', { nextMs: 0, quietMs: 60 });
  studies.announce('1.2', ['1.2.1'], 20);
  expect(studies.due(20, 9)).toEqual(['1.2']);
});

test('a study that is complete is looked at again when the archive refuses an object of it', () => {
  archived('1.1', '1.1.1');
  ledger.record(['1.1.1']);
  studies.recorded('1.1', 'complete', { nextMs: 30, quietMs: null });
  received('1.1', '1.1.2');
  expect(studies.nextMs()).toBeUndefined();
  ledger.quarantine('1.1.2', 'refused');
  expect(studies.due(30, 9)).toEqual(['1.1']);
  studies.recorded('1.1', 'partial', { nextMs: 60, quietMs: null });
  expect(studies.nextMs()).toBeUndefined();
});

test('counts what of a study is not in the archive, but for reports that are written back', () => {
  archived('1.1', '1.1.1');
  received('1.1', '1.1.2');
  received('1.1', '1.1.3');
  ledger.quarantine('1.1.3', 'refused');
  received('1.1', '1.1.4', { sopClassUid: ENCAPSULATED_PDF, sourceAeTitle: WRITE_BACK_SOURCE });
  received('1.1', '1.1.5', { sourceAeTitle: WRITE_BACK_SOURCE });
  expect(studies.outstanding('1.1')).toEqual({ waiting: 2, quarantined: 1 });
});
