import { rm } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { BlobStore } from './blobStore.ts';
import { blobNotFound, fitRange, isBlobKey, newBlobKey, rangeNotSatisfiable, requireBlobKey } from './key.ts';
import type { BlobStoreContext } from './context.ts';
import { busy, s3Sender } from './s3Request.ts';
import { parseListing } from './s3Listing.ts';
import { parseS3Url } from './s3Url.ts';
import { openSpoolFolder, spool } from './spool.ts';

/**
 * Blobs as objects of an S3 bucket. Uploads are spooled to a file first: S3 wants the length and the hash of
 * the body before its first byte, and checks the hash before it acknowledges.
 */
export async function openS3BlobStore(url: string, context: BlobStoreContext): Promise<BlobStore> {
  if (context.s3Credentials === undefined) {
    throw new Error('BLOB_URL: s3: needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  }
  const { base, prefix, region } = parseS3Url(url);
  const { send, close } = s3Sender(context.s3Credentials, region, context.s3IdleTimeoutMs);
  const uploads = path.join(context.dataDir, 'blob-uploads');
  await openSpoolFolder(uploads);
  const urlOf = (key: string) => new URL(base.href + prefix + key);

  const blobs: BlobStore = {
    async put(source, { bytesMax }) {
      const key = newBlobKey();
      const body = await spool(source, path.join(uploads, key), bytesMax);
      try {
        const answer = await send({ method: 'PUT', url: urlOf(key), body });
        await read(answer);
        return { key, bytes: body.bytes, sha256: body.sha256 };
      } finally {
        await rm(body.file, { force: true });
      }
    },

    async get(key, range) {
      requireBlobKey(key);
      if (range !== undefined) fitRange(range, Infinity);
      const headers = range && { range: `bytes=${range.start}-${range.end}` };
      const answer = await send({
        method: 'GET',
        url: urlOf(key),
        ...(headers && { headers }),
        expected: [404, 416],
      });
      if (answer.statusCode === 404 || answer.statusCode === 416) {
        await read(answer);
        throw answer.statusCode === 404 ? blobNotFound() : rangeNotSatisfiable(totalOf(answer.headers));
      }
      const bytes = Number(answer.headers['content-length'] ?? NaN);
      const bytesTotal = range === undefined ? bytes : totalOf(answer.headers);
      if (Number.isSafeInteger(bytes) && Number.isSafeInteger(bytesTotal)) {
        return { stream: answer, bytes, bytesTotal };
      }
      answer.destroy();
      throw busy(new Error('the answer has no Content-Length or no Content-Range'));
    },

    async delete(key) {
      requireBlobKey(key);
      await read(await send({ method: 'DELETE', url: urlOf(key), expected: [404] }));
    },

    async *list() {
      for (let token: string | undefined; ;) {
        const page = new URL(base);
        page.searchParams.set('list-type', '2');
        if (prefix !== '') page.searchParams.set('prefix', prefix);
        if (token !== undefined) page.searchParams.set('continuation-token', token);
        const { keys, next } = parseListing(await read(await send({ method: 'GET', url: page })));
        for (const key of keys) {
          const name = key.slice(prefix.length);
          if (key.startsWith(prefix) && isBlobKey(name)) yield name;
        }
        if (next === undefined) return;
        token = next;
      }
    },

    async removeAll() {
      for await (const key of blobs.list()) await blobs.delete(key);
    },

    close: () => Promise.resolve(close()),
  };
  return blobs;
}

/** The length of the whole object: `Content-Range: bytes 0-9/200`; 416 answers have only the part after the slash. */
function totalOf(headers: { 'content-range'?: string }): number {
  return Number(/\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? NaN);
}

const read = (answer: AsyncIterable<Uint8Array>) =>
  text(answer).catch((error: Error) => {
    throw busy(error);
  });
