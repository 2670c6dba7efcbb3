import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { mountSmallDisk, testWithSmallDisk } from '../../../../dicom-bridge/test/support/smallDisk.ts';
import { UPLOAD_BYTES_MAX, UploadFiles } from '../../../src/imaging/upload/uploadFiles.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-uploads-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = new UploadFiles(folder);
async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
async function* broken(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  throw new Error('the link broke');
}

const textOf = async (from: UploadFiles, owner: string, id: string): Promise<string> =>
  text(await (await from.read(owner, id)).open());

test('what came before the link broke, or the server restarted, is there', async () => {
  const { id } = await files.create('ann', 6);
  await expect(files.append('ann', id, 0, broken('ab'))).rejects.toThrow('the link broke');
  const restarted = new UploadFiles(folder);
  expect(await restarted.find('ann', id)).toMatchObject({ offset: 2, length: 6 });
  await expect(restarted.read('ann', id)).rejects.toMatchObject({ category: 'conflict' });
  expect(await restarted.append('ann', id, 2, pieces('cd', 'ef'))).toMatchObject({ offset: 6 });
  expect(await textOf(restarted, 'ann', id)).toBe('abcdef');
});

test('a connection that has fallen silent does not hold up the next one', async () => {
  const { id } = await files.create('ann', 4);
  const begun = Promise.withResolvers<void>();
  async function* silent(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ab');
    begun.resolve();
    await new Promise(() => undefined);
  }
  const first = files.append('ann', id, 0, silent());
  await begun.promise;
  expect(await files.find('ann', id)).toMatchObject({ offset: 2 });
  expect(await first).toMatchObject({ offset: 2 });
  expect(await files.append('ann', id, 2, pieces('cd'))).toMatchObject({ offset: 4 });
});

test('nothing is added elsewhere than at its end, or beyond its length', async () => {
  const { id } = await files.create('ann', 3);
  await expect(files.append('ann', id, 1, pieces('a'))).rejects.toMatchObject({ category: 'conflict' });
  await expect(files.append('ann', id, 0, pieces('ab', 'cd'))).rejects.toMatchObject({
    category: 'too-large',
  });
  expect(await files.find('ann', id)).toMatchObject({ offset: 0 });
  await expect(files.create('ann', UPLOAD_BYTES_MAX + 1)).rejects.toMatchObject({ category: 'too-large' });
});

test('nobody begins more than there is room for', async () => {
  const files = new UploadFiles(path.join(folder, 'full'));
  for (let count = 0; count < 64; count += 1) await files.create(`of ${count}`, UPLOAD_BYTES_MAX);
  await expect(files.create('one more', UPLOAD_BYTES_MAX)).rejects.toMatchObject({ category: 'throttled' });
  const others = new UploadFiles(path.join(folder, 'others'));
  for (let count = 0; count < 100; count += 1) await others.create('ann', 1);
  await expect(others.create('ann', 1)).rejects.toMatchObject({ category: 'throttled' });
  expect(await others.create('ben', 1)).toMatchObject({ offset: 0 });
});

test('one who begins many large ones at the same time leaves room for others', async () => {
  const files = new UploadFiles(path.join(folder, 'shared'));
  const begun = await Promise.allSettled(
    Array.from({ length: 90 }, () => files.create('ann', UPLOAD_BYTES_MAX)),
  );
  expect(begun.filter(({ status }) => status === 'fulfilled')).toHaveLength(16);
  expect(await files.create('ben', UPLOAD_BYTES_MAX)).toMatchObject({ offset: 0 });
  const small = new UploadFiles(path.join(folder, 'small'));
  const all = await Promise.allSettled(Array.from({ length: 110 }, () => small.create('ann', 1)));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(100);
});

test('a whole file tells what it begins with, and is read when it is opened, unless it has gone', async () => {
  const { id } = await files.create('ann', 200);
  await files.append('ann', id, 0, pieces('a'.repeat(100), 'b'.repeat(100)));
  const whole = await files.read('ann', id);
  expect([whole.bytes, String(whole.head)]).toEqual([200, 'a'.repeat(100) + 'b'.repeat(32)]);
  expect(await text(await whole.open())).toBe('a'.repeat(100) + 'b'.repeat(100));
  await files.remove('ann', id);
  await expect(whole.open()).rejects.toMatchObject({ category: 'not-found' });
});

test('it is there for who began it, until it is removed or its time is over', async () => {
  const [one, other] = [await files.create('ann', 3), await files.create('ann', 3)];
  for (const [owner, id] of [
    ['ben', one.id],
    ['ann', '../config'],
    ['ann', 'f'.repeat(32)],
  ] as const)
    await expect(files.find(owner, id)).rejects.toMatchObject({ category: 'not-found' });
  await files.remove('ann', one.id);
  await expect(files.find('ann', one.id)).rejects.toMatchObject({ category: 'not-found' });
  const yesterday = new Date(Date.now() - 25 * 60 * 60_000);
  utimesSync(path.join(folder, `${other.id}.part`), yesterday, yesterday);
  await expect(files.find('ann', other.id)).rejects.toMatchObject({ category: 'not-found' });
  await files.create('ann', 1);
  expect(readdirSync(folder).some((name) => name.startsWith(other.id))).toBe(false);
});

test('what nobody goes on with is removed, though nobody begins another', async () => {
  const own = path.join(folder, 'swept');
  const swept = new UploadFiles(own);
  await swept.removeExpired(); // before there is a folder
  const [old, young] = [await swept.create('ann', 3), await swept.create('ann', 3)];
  const yesterday = new Date(Date.now() - 25 * 60 * 60_000);
  for (const name of [`${old.id}.part`, `${'0'.repeat(32)}.part`]) {
    writeFileSync(path.join(own, name), 'abc');
    utimesSync(path.join(own, name), yesterday, yesterday);
  }
  await swept.removeExpired();
  expect(readdirSync(own).sort()).toEqual([`${young.id}.json`, `${young.id}.part`]);
  expect(await swept.find('ann', young.id)).toMatchObject({ offset: 0 });
});

testWithSmallDisk(
  'a full disk keeps what it took, without holes, and takes the rest when there is room',
  async () => {
    const disk = mountSmallDisk(8 * 2 ** 20);
    const whole = Buffer.from(Array.from({ length: 2 ** 18 }, (_, at) => at % 251));
    const files = new UploadFiles(path.join(disk.folder, 'uploads'));
    try {
      const { id } = await files.create('ann', whole.length);
      disk.fill(100_000);
      await expect(files.append('ann', id, 0, Readable.from([whole]))).rejects.toMatchObject({
        category: 'busy',
      });
      const { offset } = await files.find('ann', id);
      expect(offset).toBeLessThan(whole.length);
      disk.empty();
      await files.append('ann', id, offset, Readable.from([whole.subarray(offset)]));
      const stored = await buffer(await (await files.read('ann', id)).open());
      expect(stored.equals(whole)).toBe(true);
    } finally {
      disk.unmount();
    }
  },
);
