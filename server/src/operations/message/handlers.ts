import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../../records/caller.ts';
import type { TransactionOperation } from '../../records/records.ts';

/** A message that was received, its form checked. */
export interface ReceivedMessage {
  /** The Bundle and its MessageHeader as plain JSON. */
  bundle: Resource;
  header: Resource;
  /** The Bundle with exact numbers, for writing what is in it (see ParsedJson). */
  exact: Resource;
}

/** What comes of a message. */
export interface MessageEffects {
  /** Carried out with the storing of the message: all of it or nothing. Their resources have been through Records.check. */
  operations?: readonly TransactionOperation[];
  /** Resources of the answer. */
  focus?: readonly Resource[];
  /** Remarks for the sender. */
  issues?: readonly Issue[];
}

/**
 * Acts on the messages of one event. The same message may come several times at once: only one of the effects is carried out, so a
 * handler changes nothing by itself.
 */
export interface MessageHandler {
  /** `system|code` of the event, or its URI. */
  event: string;
  /** @throws FhirError where the event cannot be processed: `busy` if it may be sent again, others if that would not help */
  handle(caller: Caller, message: ReceivedMessage): Promise<MessageEffects>;
}

/** The event of a message as handlers name it. */
export function eventOf({ eventCoding, eventUri }: Resource): string {
  if (typeof eventUri === 'string') return eventUri;
  const { system = '', code = '' } = (eventCoding ?? {}) as { system?: string; code?: string };
  return `${system}|${code}`;
}
