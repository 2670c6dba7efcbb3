import type { MedplumClient } from '@medplum/core';
import type { Communication, Reference } from '@medplum/fhirtypes';
import type { Outcome } from '../notify/codes.ts';
import { concept, OUTCOME_SYSTEM, WINDOW_EXTENSION } from '../notify/codes.ts';
import { readIfThere } from '../person/person.ts';

/** A Communication as it is stored. */
export type Message = Communication & { id: string };

/** A message as it is now, if it still waits to be sent: an event may come late, or twice. */
export async function waitingMessage(
  medplum: MedplumClient,
  { id }: { id?: string },
): Promise<Message | undefined> {
  const message = await readIfThere<Communication>(medplum, { reference: `Communication/${id}` });
  return message?.status === 'preparation' ? message : undefined;
}

/**
 * Stores what has become of a message.
 *
 * @throws where it has been changed meanwhile: the event comes again, and sees what is there then
 */
export async function settle(
  medplum: MedplumClient,
  message: Message,
  changes: Partial<Communication>,
): Promise<Message> {
  const headers = { 'If-Match': `W/"${message.meta?.versionId}"` };
  return (await medplum.updateResource({ ...message, ...changes }, { headers })) as Message;
}

/** What says that a message was given up before it was sent. */
export const notSent = (outcome: Outcome): Partial<Communication> => ({
  status: 'not-done',
  statusReason: concept(OUTCOME_SYSTEM, outcome),
});

/** What says that a message was sent, but did not arrive. */
export const notArrived = (outcome: 'bounced' | 'failed'): Partial<Communication> => ({
  status: 'stopped',
  statusReason: concept(OUTCOME_SYSTEM, outcome),
});

/** When a message may be sent at the earliest, and from when on it is of no use, milliseconds since 1970; absent: any time. */
export function windowOf({ extension = [] }: Communication): { startMs?: number; endMs?: number } {
  const period = extension.find(({ url }) => url === WINDOW_EXTENSION)?.valuePeriod;
  return {
    ...(period?.start !== undefined && { startMs: Date.parse(period.start) }),
    ...(period?.end !== undefined && { endMs: Date.parse(period.end) }),
  };
}

export const isExpired = (message: Communication, nowMs: number): boolean =>
  (windowOf(message).endMs ?? Infinity) <= nowMs;

/** The one whom a message is for. */
export const recipientOf = ({ recipient = [] }: Communication): Reference | undefined => recipient[0];

/** The text of a message. */
export const textOf = ({ payload = [] }: Communication): string =>
  payload.find(({ contentString }) => contentString !== undefined)?.contentString ?? '';
