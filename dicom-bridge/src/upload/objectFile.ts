import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import dicomParser from 'dicom-parser';
import type { ReceivedObject } from '../ledger/ledger.ts';
import { dataSetHash } from '../objects/dataSetHash.ts';
import { ObjectError, readObjectHeader } from '../objects/objectHeader.ts';

/** More than group 0002 of a file of ours. */
const META_BYTES_MAX = 4_096;

/**
 * All that is noted of an object, from its file in the spool.
 *
 * @throws ObjectError for what is none
 */
export async function readObjectFile(path: string): Promise<Omit<ReceivedObject, 'file'>> {
  const header = await readObjectHeader(path);
  const meta = await readMeta(path);
  const { size: bytes } = await stat(path);
  return { ...header, ...meta, bytes, sha256: await dataSetHash(createReadStream(path)) };
}

async function readMeta(path: string): Promise<Pick<ReceivedObject, 'transferSyntaxUid' | 'sourceAeTitle'>> {
  const handle = await open(path);
  try {
    const bytes = Buffer.alloc(META_BYTES_MAX);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    const meta = dicomParser.readPart10Header(bytes.subarray(0, bytesRead));
    const transferSyntaxUid = meta.string('x00020010');
    if (transferSyntaxUid === undefined) throw new ObjectError('It has no transfer syntax.');
    return { transferSyntaxUid, sourceAeTitle: meta.string('x00020016') ?? '' };
  } finally {
    await handle.close();
  }
}
