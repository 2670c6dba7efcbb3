import { pipeline } from 'node:stream/promises';
import type { ImageArchive } from '../archive/imageArchive.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';
import { isUid } from '../identifiers/uid.ts';

const OBJECT = /^\/objects\/([0-9.]{1,64})$/;

/** `GET /objects/[SOP Instance UID]`: the DICOM file, as the archive has it. */
export function rawObjectRoute(archive: ImageArchive, ledger: Pick<Ledger, 'find'>): Route {
  return async ({ method, url = '' }, response) => {
    const [, uid] = OBJECT.exec(url) ?? [];
    if (method !== 'GET' || uid === undefined || !isUid(uid)) return false;
    const file = await archive.read(uid);
    if (!file) throw new ApiError(404, 'The archive has no such object.');
    const syntax = ledger.find(uid)?.transferSyntaxUid;
    const parameter = syntax === undefined ? '' : `; transfer-syntax=${syntax}`;
    response.writeHead(200, { 'Content-Type': `application/dicom${parameter}` });
    await pipeline(file, response);
    return true;
  };
}
