import { createHash } from 'node:crypto';
import type { IncomingMessage } from './readMessage.ts';

/** Ids of the Bundles that a message and its answer are stored as. */
export interface MessageIds {
  message: string;
  response: string;
}

/**
 * The same for each arrival of one sending: so it is found again, and only the first can be stored. A sending is told by its
 * Bundle.id, which is never used twice (http://hl7.org/fhir/R4/messaging.html#reliable); without it, by the MessageHeader.id.
 * Senders are kept apart by their endpoint: ids need to be unique only where they are made.
 */
export function messageIds({
  endpoint,
  sendingId,
  headerId,
}: Pick<IncomingMessage, 'endpoint' | 'sendingId' | 'headerId'>): MessageIds {
  const sending = sendingId === undefined ? ['message', headerId] : ['sending', sendingId];
  return {
    message: derivedId(['received', endpoint, ...sending]),
    response: derivedId(['answered', endpoint, ...sending]),
  };
}

/** A UUID of version 8 (RFC 9562 5.8) made of texts. */
function derivedId(texts: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(texts)).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
