import type { Issue } from '../../fhir/outcome.ts';
import type { NotifiedEvent } from '../notifications/bundle.ts';
import type { NotificationType } from '../notifications/statusParameters.ts';
import type { SubscriptionRequest } from '../subscriptions/request.ts';

/** A notification that is to be sent, whatever way it goes. */
export interface Notice {
  /** Id of the Subscription. */
  subscription: string;
  request: SubscriptionRequest;
  type: NotificationType;
  /** The number given last. */
  eventsSinceStart: number;
  /** Of R4's own Subscriptions one, and only what may be told; none: a handshake or a heartbeat. */
  events: readonly NotifiedEvent[];
  /** The same for each attempt at the same. */
  key: string;
}

/** How an attempt ended: accepted, refused for a reason, or not made because the endpoint is to be left alone. */
export type Outcome =
  { kind: 'accepted' } | { kind: 'failed'; fault: string } | { kind: 'resting'; ms: number };

/** A way by which notifications leave (Subscription.channel.type). */
export interface PushChannel {
  /** What is wrong with a channel as a client asks for it. */
  faults(request: SubscriptionRequest): Issue[];
  /** Whether whoever is to be told is told of that first, and must accept it. */
  greets(request: SubscriptionRequest): boolean;
  /** @param beforeSending done before anything leaves; what it throws is thrown on */
  send(notice: Notice, beforeSending: () => Promise<void>): Promise<Outcome>;
}
