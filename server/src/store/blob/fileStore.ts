import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { BlobStore } from './blobStore.ts';
import { blobNotFound, fitRange, isBlobKey, newBlobKey, requireBlobKey } from './key.ts';
import { diskFault, openSpoolFolder, spool, syncFolder } from './spool.ts';

const UPLOADS = 'uploads';
const SHARD = /^[0-9a-f]{2}$/;

/**
 * Blobs as files below one folder, in 256 folders by the first two digits of the key, so that none grows too
 * long. Uploads are written beside them, on the same file system, that the rename that publishes one is atomic.
 */
export async function openFileBlobStore(folder: string): Promise<BlobStore> {
  const uploads = path.join(folder, UPLOADS);
  await openSpoolFolder(uploads);
  await makeShards(folder);
  const shardOf = (key: string) => path.join(folder, key.slice(0, 2));
  const pathOf = (key: string) => path.join(shardOf(key), key);

  return {
    async put(source, { bytesMax }) {
      const key = newBlobKey();
      try {
        const { file, bytes, sha256 } = await spool(source, path.join(uploads, key), bytesMax);
        await publish(file, shardOf(key), pathOf(key));
        return { key, bytes, sha256 };
      } catch (error) {
        throw diskFault(error);
      }
    },

    async get(key, range) {
      requireBlobKey(key);
      const handle = await open(pathOf(key), 'r').catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? blobNotFound() : diskFault(error);
      });
      try {
        const { size: bytesTotal } = await handle.stat();
        const part = fitRange(range, bytesTotal);
        const bytes = part === undefined ? bytesTotal : part.end - part.start + 1;
        return { stream: await streamOf(handle, part, bytes), bytes, bytesTotal };
      } catch (error) {
        await handle.close();
        throw error;
      }
    },

    async delete(key) {
      requireBlobKey(key);
      await rm(pathOf(key), { force: true });
    },

    async *list() {
      for (const shard of await readdir(folder)) {
        if (!SHARD.test(shard)) continue;
        for (const name of await readdir(path.join(folder, shard))) if (isBlobKey(name)) yield name;
      }
    },

    removeAll: () => rm(folder, { recursive: true, force: true }),

    close: () => Promise.resolve(),
  };
}

/**
 * Makes all 256 folders at once: were each made with its first blob, of two such blobs at the same moment one
 * could be acknowledged before the folder's own name is durable.
 */
async function makeShards(folder: string): Promise<void> {
  const present = new Set(await readdir(folder));
  for (let shard = 0; shard < 256; shard++) {
    const name = shard.toString(16).padStart(2, '0');
    if (!present.has(name)) await mkdir(path.join(folder, name), { recursive: true, mode: 0o700 });
  }
  await syncFolder(folder);
  await syncFolder(path.dirname(folder));
}

/** Gives an upload its place, durably. */
async function publish(file: string, shard: string, target: string): Promise<void> {
  try {
    await rename(file, target);
    await syncFolder(shard);
  } catch (error) {
    await rm(file, { force: true });
    await rm(target, { force: true });
    throw error;
  }
}

/** `createReadStream` cannot read nothing (its `end` is included), so empty content is a stream of its own. */
async function streamOf(handle: FileHandle, part: object | undefined, bytes: number): Promise<Readable> {
  if (bytes > 0) return handle.createReadStream({ ...part, autoClose: true });
  await handle.close();
  return Readable.from([]);
}
