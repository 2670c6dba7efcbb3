import { expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { ErasureLedger } from '../../src/erasure/erasureLedger.ts';
import { StudyErasures } from '../../src/erasure/studyErasures.ts';
import { newUid } from '../../src/identifiers/uid.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { StudyLedger } from '../../src/ledger/studyLedger.ts';
import { StepLedger } from '../../src/mpps/stepLedger.ts';
import { until } from '../support/until.ts';

const nothing = async (): Promise<void> => undefined;

test('a database that takes nothing ends nothing: the study is erased when it takes something again', async () => {
  const database = new DatabaseSync(':memory:');
  const ledger = new Ledger(database);
  for (const Tables of [StudyLedger, StepLedger]) new Tables(database);
  const erasures = new ErasureLedger(database);
  const logged: string[] = [];
  const studyErasures = new StudyErasures({
    ...{ erasures, ledger },
    spool: { removeForGood: nothing, pathOf: (name) => name },
    archive: { remove: nothing },
    copies: [],
    alone: (_uid, work) => work(),
    unrecorded: nothing,
    onReceived: () => undefined,
    log: (event) => void logged.push(event),
    times: { firstMs: 1, maxMs: 1 },
  });
  const study = newUid();
  expect(studyErasures.erase(study, 'first')).toBe(0);
  database.exec('PRAGMA query_only = ON');
  await until(
    async () => logged.length,
    (count) => count >= 4, // two attempts, each of which could not be noted either
  );
  expect(new Set(logged)).toEqual(new Set(['study not erased']));
  database.exec('PRAGMA query_only = OFF');
  await until(
    async () => ({ left: studyErasures.erase(study, 'first') }),
    ({ left }) => left === undefined,
  );
  await studyErasures.stop();
  database.close();
});
