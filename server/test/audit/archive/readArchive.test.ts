import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ArchivedLog } from '../../../src/audit/archive/readArchive.ts';
import { ARCHIVE, writeArchive } from '../../../src/audit/archive/writeArchive.ts';
import { auditLayout } from '../../../src/audit/layout.ts';
import { readTrusted } from '../../../src/audit/sealing/signingKey.ts';
import { verifyAudit } from '../../../src/audit/sealing/verify.ts';
import { folders, readRecord } from '../support.ts';
import { auditWorld, type AuditWorld } from '../world.ts';

const site = folders();
let world: AuditWorld;
/** Of a log with two checkpoints of two records each, and a record behind them that nothing has sealed. */
let folder: string;
let lines: string[];

beforeAll(async () => {
  world = await auditWorld();
  const dataDir = site.make();
  const sealer = world.sealer(dataDir);
  for (const id of ['a', 'b']) {
    await world.write(readRecord({ requestId: `${id}1` }), readRecord({ requestId: `${id}2` }));
    await world.sealAll(dataDir, sealer);
  }
  await world.write(readRecord({ requestId: 'c1' }));
  folder = path.join(site.make(), 'kept');
  const { table, checkpoints } = world;
  const layout = auditLayout(dataDir);
  await writeArchive(folder, { table, checkpoints, layout, base: 'http://test/fhir/R4', of: {} });
  lines = readFileSync(path.join(folder, ARCHIVE.log), 'utf8').trim().split('\n');
});
afterAll(async () => {
  site.cleanUp();
  await world.close();
});

function verified(text: readonly string[]) {
  writeFileSync(path.join(folder, ARCHIVE.log), `${text.join('\n')}\n`);
  const log = new ArchivedLog(folder);
  const trusted = readTrusted(path.join(folder, ARCHIVE.keys));
  return verifyAudit({ table: log, checkpoints: log, trusted, copies: [] });
}

test('records that nothing has sealed yet are counted, and belong to no checkpoint', async () => {
  expect(lines).toHaveLength(7);
  expect(await verified(lines)).toEqual({ checkpoints: 2, records: 4, unsealed: 1 });
});

test.each([
  ['a record of a later place between two checkpoints', 6, 3, 'records were inserted before checkpoint 2'],
  ['a record twice', 5, 6, 'record 4 was inserted, in the range of checkpoint 2'],
])('%s', async (_what, from, to, finding) => {
  expect((await verified(lines.toSpliced(to, 0, lines[from]!))).finding).toBe(finding);
});
