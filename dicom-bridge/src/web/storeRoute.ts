import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AnnouncedObject, StoreService, StoreStatus } from '../dimse/storeService.ts';
import { isUid } from '../identifiers/uid.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { readFileHead, type FileHead } from '../objects/fileHead.ts';
import { ObjectError } from '../objects/objectHeader.ts';
import { isAeTitle } from '../peers/peer.ts';
import type { Incoming } from '../spool/incoming.ts';
import { ApiError } from './apiError.ts';
import type { Route } from './internalApi.ts';

/** A longer one has no place in the length of an element (PS3.5 section 7.1.1). */
const OBJECT_BYTES_MAX = 2 ** 32;

/** What became of an object. */
export interface StoreAnswer {
  /** Of C-STORE. */
  status: StoreStatus;
  sopClassUid: string;
  sopInstanceUid: string;
  /** Empty where the object cannot be read. */
  studyInstanceUid: string;
}

/** `POST /objects`: a DICOM file is received as by C-STORE, from whom the header X-Source names; into no other study than X-Study-Instance-UID names, if it is there. */
export function storeRoute(store: StoreService, ledger: Pick<Ledger, 'find'>): Route {
  return async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/objects') return false;
    const sourceAeTitle = request.headers['x-source'];
    if (typeof sourceAeTitle !== 'string' || !isAeTitle(sourceAeTitle))
      throw new ApiError(400, 'The header X-Source is no AE title.');
    const studyInstanceUid = request.headers['x-study-instance-uid'];
    if (studyInstanceUid !== undefined && !isUid(String(studyInstanceUid)))
      throw new ApiError(400, 'The header X-Study-Instance-UID is no UID.');
    const sender = {
      sourceAeTitle,
      ...(studyInstanceUid !== undefined && { studyInstanceUid: String(studyInstanceUid) }),
    };
    const answer = await receive(request, sender, store, ledger);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  };
}

async function receive(
  request: IncomingMessage,
  sender: Pick<AnnouncedObject, 'sourceAeTitle' | 'studyInstanceUid'>,
  store: StoreService,
  ledger: Pick<Ledger, 'find'>,
): Promise<StoreAnswer> {
  const chunks = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const { head, beginning } = await headOf(chunks);
  const incoming = store.begin({ ...head, ...sender });
  try {
    await fill(incoming, beginning, chunks);
  } catch (error) {
    await store.abandon(incoming);
    throw error;
  }
  const status = await store.finish(incoming);
  const { sopClassUid, sopInstanceUid } = head;
  const studyInstanceUid = ledger.find(sopInstanceUid)?.studyInstanceUid ?? '';
  return { status, sopClassUid, sopInstanceUid, studyInstanceUid };
}

async function headOf(chunks: AsyncIterator<Buffer>): Promise<{ head: FileHead; beginning: Buffer }> {
  try {
    return await readFileHead(chunks);
  } catch (error) {
    throw error instanceof ObjectError ? new ApiError(400, error.message) : error;
  }
}

/** Who sends is held back as long as the disk is behind. */
async function fill(incoming: Incoming, beginning: Buffer, chunks: AsyncIterator<Buffer>): Promise<void> {
  let bytes = 0;
  for (let chunk = beginning; ;) {
    bytes += chunk.length;
    if (bytes > OBJECT_BYTES_MAX) throw new ApiError(413, 'The object is longer than 4 GiB.');
    incoming.write(chunk);
    if (incoming.writableNeedDrain) await once(incoming, 'drain');
    const { done, value } = await chunks.next();
    if (done) break;
    chunk = value;
  }
  incoming.end();
}
