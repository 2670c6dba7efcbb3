import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BlobStore } from './blobStore.ts';
import type { BlobStoreContext } from './context.ts';
import { openFileBlobStore } from './fileStore.ts';
import { openS3BlobStore } from './s3Store.ts';

/**
 * Opens the storage that `BLOB_URL` names.
 * - `file:blobs`, `file:///srv/blobs`: a folder, relative to the data folder or absolute;
 * - `s3://bucket/prefix?region=eu-central-1`: Amazon S3; with `endpoint=https://host:port` any store that
 *   speaks its protocol, addressed path-style.
 * @throws Error that says what is wrong with the URL, made for the start's message.
 */
export async function openBlobStore(url: string, context: BlobStoreContext): Promise<BlobStore> {
  if (url.startsWith('file:')) return openFileBlobStore(folderOf(url, context.dataDir));
  if (url.startsWith('s3:')) return openS3BlobStore(url, context);
  throw new Error('BLOB_URL takes file:FOLDER or s3://BUCKET/PREFIX?endpoint=URL&region=NAME');
}

function folderOf(url: string, dataDir: string): string {
  const rest = url.slice('file:'.length);
  if (rest.startsWith('//')) return fileURLToPath(url);
  if (rest === '') throw new Error('BLOB_URL: file: needs a folder, for example file:blobs');
  return path.resolve(dataDir, decodeURIComponent(rest));
}

/** The URL of a place of its own below another. @param folder segments of letters, digits, `_` and `-` */
export function blobUrlBelow(url: string, folder: string): string {
  const mark = url.indexOf('?');
  const place = mark < 0 ? url : url.slice(0, mark);
  return `${place.replace(/\/$/, '')}/${folder}${mark < 0 ? '' : url.slice(mark)}`;
}
