import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeFileMeta, type FileMeta } from '../../src/objects/fileMeta.ts';
import { Incoming } from '../../src/spool/incoming.ts';
import { Spool } from '../../src/spool/spool.ts';

const META: FileMeta = {
  sopClassUid: '1.2.3',
  sopInstanceUid: '1.2.4',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  sourceAeTitle: 'A',
};
let folder: string;
let spool: Spool;
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-spool-'));
  spool = await Spool.open({ folder, freeBytesMin: 0 });
});
afterEach(async () => {
  await spool.close();
  rmSync(folder, { recursive: true });
});

const write = (incoming: Incoming, ...chunks: string[]) => {
  for (const chunk of chunks) incoming.write(Buffer.from(chunk));
  incoming.end();
};

test('what is kept is a file with its head, under its UID and content', async () => {
  const incoming = spool.receive(META);
  write(incoming, 'data', ' set');
  const { sha256, bytes } = await incoming.received();
  expect(sha256).toBe(createHash('sha256').update('data set').digest('hex'));
  const name = await spool.keep(incoming, META.sopInstanceUid, sha256);
  expect(await spool.names()).toEqual([name]);
  const kept = readFileSync(spool.pathOf(name));
  expect(kept.equals(Buffer.concat([encodeFileMeta(META), Buffer.from('data set')]))).toBe(true);
  expect(bytes).toBe(kept.length);
  await spool.remove(name);
  await spool.remove(name);
  expect(readdirSync(folder)).toEqual([]);
});

test('many are kept at once', async () => {
  const names = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const incoming = spool.receive({ ...META, sopInstanceUid: `1.2.${i}` });
      write(incoming, `object ${i}`);
      return spool.keep(incoming, `1.2.${i}`, (await incoming.received()).sha256);
    }),
  );
  expect((await spool.names()).sort()).toEqual(names.sort());
});

test('what is broken off is nothing, at once or at the next start', async () => {
  const incoming = spool.receive(META);
  incoming.write(Buffer.from('half'));
  incoming.destroy();
  await expect(incoming.received()).rejects.toThrow('broken off');
  await spool.drop(incoming);
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(path.join(folder, 'left.part'), 'half');
  await (await Spool.open({ folder, freeBytesMin: 0 })).close();
  expect(readdirSync(folder)).toEqual([]);
});

test('faults of the disk come at the end, never as an error of the stream', async () => {
  const cannotOpen = new Incoming('none', () => Promise.reject(new Error('no place')));
  write(cannotOpen, 'a', 'b');
  await expect(cannotOpen.received()).rejects.toThrow('no place');

  const full = new Incoming('none', () => Promise.resolve({ handle: fullHandle(), head: Buffer.alloc(0) }));
  write(full, 'a', 'b');
  await expect(full.received()).rejects.toMatchObject({ code: 'ENOSPC' });

  const nearlyFull = await Spool.open({ folder, freeBytesMin: 2 ** 60 });
  const refused = nearlyFull.receive(META);
  write(refused, 'a');
  await expect(refused.received()).rejects.toThrow('nearly full');
  await nearlyFull.close();
});

/** Of a disk that takes half of what it is given. */
const fullHandle = () =>
  ({
    writev: (chunks: Buffer[]) =>
      Promise.resolve({ bytesWritten: Math.floor(chunks[0]!.length / 2), buffers: chunks }),
    datasync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }) as unknown as Awaited<ReturnType<ConstructorParameters<typeof Incoming>[1]>>['handle'];
