import type { AccessPolicyResource } from '@medplum/fhirtypes';
import type { Channel } from '../notify/codes.ts';
import { CHANNEL_SYSTEM } from '../notify/codes.ts';

/** What triggers the sender of a channel. */
export const waitingBy = (channel: Channel): string =>
  `Communication?status=preparation&medium=${CHANNEL_SYSTEM}|${channel}`;

/** Rules that let a sender read the messages of its channel, and store what has become of them. */
export function messageRules(channel: Channel): AccessPolicyResource[] {
  const criteria = `Communication?medium=${CHANNEL_SYSTEM}|${channel}`;
  return [{ resourceType: 'Communication', criteria, interaction: ['read', 'update'] }];
}
