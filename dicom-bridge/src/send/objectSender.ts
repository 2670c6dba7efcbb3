import type { Readable } from 'node:stream';
import dimse, { type association, type requests, type responses } from 'dcmjs-dimse';
import { ArchiveAwayError, type ImageArchive } from '../archive/imageArchive.ts';
import type { Invocation } from '../dimse/invoker.ts';
import { isUid } from '../identifiers/uid.ts';
import { readFileHead, type FileHead } from '../objects/fileHead.ts';
import { ObjectError } from '../objects/objectHeader.ts';

type PresentationContext = association.PresentationContext;

/** What has become of an object that was to be sent; a warning: the receiver has it, and may have changed it. */
export type Sent = 'completed' | 'warning' | 'failed';

/** Who receives objects, on which association. */
export interface Receiver {
  /** Accepted for objects that we send. */
  contexts: readonly PresentationContext[];
  /** @throws where the association is of no use any more */
  invoke: (invocation: Invocation) => Promise<responses.Response>;
}

/** Who asked for a C-MOVE, in which message: its receiver is told (PS3.7 section 9.3.1.1). */
export interface Originator {
  aeTitle: string;
  messageId: number;
}

/** Statuses of C-STORE that say that the object is kept (PS3.4 table B.2-1). */
const WARNINGS: ReadonlySet<number> = new Set([0xb000, 0xb006, 0xb007]);

/**
 * Sends an object of the archive as it is stored (C-STORE): it is never decoded. It fails where the receiver does not take its transfer syntax.
 *
 * @throws where the association is of no use any more
 */
export async function sendObject(
  archive: ImageArchive,
  receiver: Receiver,
  sopInstanceUid: string,
  originator?: Originator,
): Promise<Sent> {
  const file = await openFile(archive, sopInstanceUid);
  if (!file) return 'failed';
  try {
    const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const { head, beginning } = await readFileHead(chunks);
    const context = contextFor(receiver.contexts, head);
    if (!context) return 'failed';
    const request = requestOf(head, originator);
    const response = await receiver.invoke({ request, context, dataSet: rest(beginning, chunks) });
    return sentBy(response.getStatus());
  } catch (error) {
    if (error instanceof ObjectError) return 'failed';
    throw error;
  } finally {
    file.destroy();
  }
}

async function openFile(archive: ImageArchive, sopInstanceUid: string): Promise<Readable | undefined> {
  try {
    return isUid(sopInstanceUid) ? await archive.read(sopInstanceUid) : undefined;
  } catch (error) {
    if (error instanceof ArchiveAwayError) return undefined;
    throw error;
  }
}

const contextFor = (
  contexts: readonly PresentationContext[],
  { sopClassUid, transferSyntaxUid }: FileHead,
): PresentationContext | undefined =>
  contexts.find(
    (context) =>
      context.getAbstractSyntaxUid() === sopClassUid &&
      context.getAcceptedTransferSyntaxUid() === transferSyntaxUid,
  );

function requestOf(
  { sopClassUid, sopInstanceUid }: FileHead,
  originator?: Originator,
): requests.CStoreRequest {
  // Without a data set, which goes as a stream; the library's types do not know that.
  const request = new dimse.requests.CStoreRequest(undefined as unknown as string);
  request.setAffectedSopClassUid(sopClassUid);
  request.setAffectedSopInstanceUid(sopInstanceUid);
  if (originator) {
    const command = request.getCommandDataset();
    command.setElement('MoveOriginatorApplicationEntityTitle', originator.aeTitle);
    command.setElement('MoveOriginatorMessageID', originator.messageId as unknown as string);
  }
  return request;
}

async function* rest(beginning: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (beginning.length > 0) yield beginning;
  yield* { [Symbol.asyncIterator]: () => chunks };
}

function sentBy(status: number): Sent {
  if (status === 0) return 'completed';
  return WARNINGS.has(status) ? 'warning' : 'failed';
}
