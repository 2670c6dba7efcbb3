import { errorIssue, type Issue } from '../../fhir/outcome.ts';
import type { SubscriptionRequest } from '../subscriptions/request.ts';
import type { Recipient, Recipients } from './recipients.ts';

const ENDPOINT = 'Subscription.channel.endpoint';

/** What is wrong with an endpoint that is somebody's address or number. */
export function personFaults(
  { channel: { type, endpoint } }: SubscriptionRequest,
  read: (endpoint: string) => Recipient | undefined,
  recipients: Recipients,
): Issue[] {
  const recipient = endpoint === undefined ? undefined : read(endpoint);
  if (recipient === undefined) {
    const example = type === 'email' ? 'mailto:nurse@clinic.example' : 'tel:+41446681800';
    const text = `The endpoint must be one recipient, such as ${example}.`;
    return [errorIssue(endpoint === undefined ? 'required' : 'value', text, ENDPOINT)];
  }
  if (recipients.allow(recipient)) return [];
  const text = 'The operator does not let this recipient be told of events (SUBSCRIPTION_RECIPIENTS).';
  return [errorIssue('security', text, ENDPOINT)];
}

/** The same, or an error as soon as the signal is aborted: whoever waits must not outlive the turn that he has. */
export async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error('given up'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    work.catch(() => undefined); // told already
  }
}
