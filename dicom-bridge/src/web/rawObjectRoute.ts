import { pipeline } from 'node:stream/promises';
import type { ServerResponse } from 'node:http';
import type { FileHandle } from 'node:fs/promises';
import type { ObjectFiles } from '../archive/objectFiles.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { bulkStream } from '../retrieve/bulkStream.ts';
import { FileSource } from '../stored/byteSource.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';
import { isUid } from '../identifiers/uid.ts';

const OBJECT = /^\/objects\/([0-9.]{1,64})$/;
/** An object that is no longer is sent at once; of others, pieces are in memory. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** `GET /objects/[SOP Instance UID]`: the DICOM file, as the archive has it. */
export function rawObjectRoute(files: ObjectFiles, ledger: Pick<Ledger, 'find'>): Route {
  return async ({ method, url = '' }, response) => {
    const [, uid] = OBJECT.exec(url) ?? [];
    if (method !== 'GET' || uid === undefined || !isUid(uid)) return false;
    const handle = await files.open(uid);
    if (!handle) throw new ApiError(404, 'The archive has no such object.');
    try {
      const syntax = ledger.find(uid)?.transferSyntaxUid;
      await sendFile(response, handle, syntax === undefined ? '' : `; transfer-syntax=${syntax}`);
    } finally {
      await handle.close();
    }
    return true;
  };
}

async function sendFile(response: ServerResponse, handle: FileHandle, parameter: string): Promise<void> {
  const source = await FileSource.of(handle);
  const { sizeBytes } = source;
  const whole = sizeBytes <= WHOLE_BYTES_MAX ? await source.read(0, sizeBytes) : undefined;
  response.writeHead(200, { 'Content-Type': `application/dicom${parameter}`, 'Content-Length': sizeBytes });
  if (whole) response.end(whole);
  else await pipeline(bulkStream(source, { at: 0, lengthBytes: sizeBytes, swappedBytes: 1 }), response);
}
