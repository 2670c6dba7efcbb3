import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseTakenError, openDatabase } from '../../src/ledger/database.ts';
import { Ledger, type ReceivedObject } from '../../src/ledger/ledger.ts';

const OBJECT: ReceivedObject = {
  sopClassUid: '1.2.3',
  sopInstanceUid: '1.2.4',
  studyInstanceUid: '1.2.5',
  seriesInstanceUid: '1.2.6',
  transferSyntaxUid: '1.2.7',
  sha256: 'a'.repeat(64),
  bytes: 10,
  sourceAeTitle: 'A',
  attributes: { patientId: 'P1' },
  file: '1.2.4.aaaa.dcm',
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('an object is new once, then known; another content is a conflict, each once', () => {
  const file = path.join(folder, 'ledger.sqlite');
  const database = openDatabase(file);
  const ledger = new Ledger(database);
  const other = { ...OBJECT, sha256: 'b'.repeat(64), file: '1.2.4.bbbb.dcm' };
  expect(ledger.note(OBJECT, 1)).toBe('new');
  expect([ledger.note(OBJECT, 2), ledger.note(other, 3), ledger.note(other, 4)]).toEqual([
    'known',
    'conflict',
    'conflict',
  ]);
  expect(ledger.find('1.2.4')).toEqual({
    ...OBJECT,
    state: 'received',
    receivedMs: 1,
    attempts: 0,
    nextMs: 0,
    fault: null,
  });
  expect(ledger.find('1.2.9')).toBeUndefined();
  expect(ledger.counts()).toEqual({ received: 1, conflict: 1 });
  expect(() => openDatabase(file, 0)).toThrow(DatabaseTakenError);
  database.close();

  const again = openDatabase(file);
  expect(new Ledger(again).note(OBJECT, 5)).toBe('known');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  again.close();
});
