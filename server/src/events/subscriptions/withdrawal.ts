import type { Resource } from '../../fhir/resource.ts';
import type { EventRecords, Subscriber } from '../../records/events/eventRecords.ts';

/** Whose access has been withdrawn: of a user, all; of a client, that of all its users too; of both, what the user gave this client. */
export interface Withdrawal {
  userId?: string;
  clientId?: string;
}

/** What its Subscriptions say then. */
export const WITHDRAWN =
  'The access of whoever asked for it was withdrawn: request it again once there is access.';
/** A Subscription that is written at the same time is looked at again so often. */
const TRIES_MAX = 10;

/** Puts the Subscriptions of somebody whose access was withdrawn in error: nothing is sent to them any more. */
export async function withdraw(
  records: Pick<EventRecords, 'subscription' | 'subscriptionsOf' | 'changeSubscription'>,
  withdrawal: Withdrawal,
): Promise<void> {
  for (const id of await records.subscriptionsOf((subscriber) => isMeant(withdrawal, subscriber)))
    await suspend(records, id);
}

async function suspend(
  records: Pick<EventRecords, 'subscription' | 'changeSubscription'>,
  id: string,
): Promise<void> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const found = await records.subscription(id);
    if (!found) return;
    const { status } = JSON.parse(found.content) as Resource;
    if (status !== 'requested' && status !== 'active') return;
    const change = (tree: Resource) => Object.assign(tree, { status: 'error', error: WITHDRAWN });
    if (await records.changeSubscription(id, found.version, change)) return;
  }
}

const isMeant = ({ userId, clientId }: Withdrawal, subscriber: Subscriber): boolean =>
  (userId === undefined || subscriber.userId === userId) &&
  (clientId === undefined || subscriber.clientId === clientId);
