import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { ReceivedObject } from '../ledger/ledger.ts';
import { dataSetHash } from '../objects/dataSetHash.ts';
import { ObjectError } from '../objects/objectError.ts';
import { readObjectHeader } from '../objects/objectHeader.ts';
import { FileSource } from '../stored/byteSource.ts';
import { META_TAGS, readMetaInformation } from '../stored/metaInformation.ts';

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
    const { elements } = await readMetaInformation(await FileSource.of(handle));
    const transferSyntaxUid = elements.text(META_TAGS.transferSyntaxUid);
    if (transferSyntaxUid === undefined) throw new ObjectError('It has no transfer syntax.');
    return { transferSyntaxUid, sourceAeTitle: elements.text(META_TAGS.sourceAeTitle) ?? '' };
  } finally {
    await handle.close();
  }
}
