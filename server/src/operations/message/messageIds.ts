import { derivedUuid } from '../../fhir/derivedUuid.ts';
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
    message: derivedUuid(['received', endpoint, ...sending]),
    response: derivedUuid(['answered', endpoint, ...sending]),
  };
}
