import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { FileArchive } from '../../src/archive/files/fileArchive.ts';
import { ArchiveAwayError, ArchiveRefusedError, type ImageArchive } from '../../src/archive/imageArchive.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Spool } from '../../src/spool/spool.ts';
import { recover } from '../../src/upload/recover.ts';
import { Uploads } from '../../src/upload/uploads.ts';
import { xray } from '../support/dicomObject.ts';

let folder: string;
let spool: Spool;
let database: DatabaseSync;
let ledger: Ledger;
let logged: Record<string, unknown>[];
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-uploads-'));
  spool = await Spool.open({ folder: path.join(folder, 'spool'), freeBytesMin: 0 });
  database = openDatabase(path.join(folder, 'ledger.sqlite'));
  ledger = new Ledger(database);
  logged = [];
});
afterEach(async () => {
  await spool.close();
  database.close();
  rmSync(folder, { recursive: true });
});

const log = (event: string, details: Record<string, unknown>) => void logged.push({ event, ...details });
/** An object in the spool that nobody has noted. */
function spooled() {
  const { object, dataSet, file } = xray();
  const sha256 = createHash('sha256').update(dataSet).digest('hex');
  const name = `${object.sopInstanceUid}.${sha256.slice(0, 16)}.dcm`;
  writeFileSync(spool.pathOf(name), file);
  return { uid: object.sopInstanceUid, name, sha256, object };
}
/** Runs uploads until so many are archived, or `until` holds. */
async function upload(archive: Pick<ImageArchive, 'store'>, until: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => void (until() && resolve());
  const uploads = new Uploads({
    ledger,
    spool,
    archive: archive as ImageArchive,
    log: (event, details) => {
      log(event, details);
      queueMicrotask(look); // after it has been noted
    },
    onSettled: look,
    times: { firstMs: 1, maxMs: 4 },
  });
  uploads.wake();
  await promise;
  await uploads.stop();
}

test('what the spool has and the ledger does not is noted at a start, and archived', async () => {
  const objects = Array.from({ length: 7 }, spooled);
  writeFileSync(spool.pathOf('1.2.3.none.dcm'), 'no object');
  await recover({ spool, ledger, log });
  expect(ledger.find(objects[0]!.uid)).toMatchObject({
    sha256: objects[0]!.sha256,
    file: objects[0]!.name,
    studyInstanceUid: objects[0]!.object.studyInstanceUid,
    sourceAeTitle: 'TEST',
    transferSyntaxUid: '1.2.840.10008.1.2.1',
  });
  expect(logged).toContainEqual(expect.objectContaining({ event: 'file in the spool is no object' }));
  await recover({ spool, ledger, log }); // the same again is the same
  expect(ledger.counts()).toEqual({ received: 7, conflict: 0 });
  const archive = new FileArchive(path.join(folder, 'archive'));
  await upload(archive, () => ledger.counts()['archived'] === 7);
  for (const { uid } of objects) expect(await archive.has(uid)).toBe(true);
});

test.each([0, 100, 600])(
  'what was never answered, and lost all but %i bytes with the power, is removed',
  async (bytes) => {
    const { uid, name } = spooled();
    truncateSync(spool.pathOf(name), bytes);
    await recover({ spool, ledger, log });
    expect(await spool.names()).toEqual([]);
    expect(ledger.find(uid)).toBeUndefined();
    expect(logged).toEqual([{ event: 'object that was not received to its end removed', file: name }]);
  },
);

test('where the archive is away, it is tried again; what it refuses waits for somebody', async () => {
  const [one, other] = [spooled(), spooled()];
  await recover({ spool, ledger, log });
  let tries = 0;
  const archive = {
    store: ({ sopInstanceUid }: { sopInstanceUid: string }) => {
      if (sopInstanceUid === other.uid) return Promise.reject(new ArchiveRefusedError('not this one'));
      return (tries += 1) < 4 ? Promise.reject(new ArchiveAwayError('away')) : Promise.resolve();
    },
  };
  await upload(archive, () => ledger.counts()['archived'] === 1 && ledger.counts()['quarantined'] === 1);
  expect(tries).toBe(4);
  expect(ledger.find(one.uid)).toMatchObject({ state: 'archived', attempts: 0, fault: null });
  expect(ledger.find(other.uid)).toMatchObject({ state: 'quarantined', fault: 'not this one' });
  expect(await spool.names()).toHaveLength(2); // until they are recorded
});

test('an object that was recorded and left in the spool is removed at a start', async () => {
  const { uid } = spooled();
  await recover({ spool, ledger, log });
  ledger.advance(uid, 'recorded');
  await recover({ spool, ledger, log });
  expect(await spool.names()).toEqual([]);
});

test('a database that takes nothing ends nothing: the object is archived when it takes something again', async () => {
  const { uid } = spooled();
  await recover({ spool, ledger, log });
  database.exec('PRAGMA query_only = ON');
  let attempts = 0;
  const store = async (): Promise<void> => {
    attempts += 1;
    if (attempts === 3) database.exec('PRAGMA query_only = OFF');
    if (attempts === 1) throw new ArchiveAwayError('away'); // neither that it failed can be noted, nor that it succeeded
  };
  await upload({ store }, () => ledger.find(uid)?.state === 'archived');
  expect([attempts, logged.filter(({ event }) => event === 'upload not noted').length]).toEqual([3, 2]);
});
