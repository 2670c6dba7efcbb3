import { errorIssue, FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Destinations } from '../../outgoing/destinations.ts';
import { interestsOf, type InterestParts } from './interests.ts';
import { isFetched, readSubscription, type Channel } from './request.ts';

export interface JudgeParts extends InterestParts {
  destinations: Destinations;
}

/** Channels that are offered. */
export const CHANNEL_TYPES: readonly string[] = ['rest-hook', 'websocket'];
/** MIME types of payloads that are offered. */
export const PAYLOAD_TYPES: readonly string[] = ['application/fhir+json', 'application/json'];

/**
 * What is wrong with a Subscription whose structure is valid: it would never be told of anything, or must not be. One that is off asks for
 * nothing; it is judged when it is to begin.
 */
export function subscriptionFaults(parts: JudgeParts, resource: Resource): Issue[] {
  if (resource.status === 'off') return [];
  try {
    const { asked, channel } = readSubscription(resource);
    interestsOf(parts, '', asked);
    return channelFaults(parts.destinations, channel, asked.kind === 'topic');
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    throw error;
  }
}

function channelFaults(destinations: Destinations, channel: Channel, isTopic: boolean): Issue[] {
  const { type, endpoint, payload } = channel;
  if (!CHANNEL_TYPES.includes(type)) {
    const text = `Channels of the type '${type}' are not offered: use ${CHANNEL_TYPES.join(', ')}.`;
    return [errorIssue('not-supported', text, 'Subscription.channel.type')];
  }
  const faults: Issue[] = [];
  if (payload !== undefined && !PAYLOAD_TYPES.includes(payload.split(';')[0]!.trim())) {
    const text = `The payload must be one of ${PAYLOAD_TYPES.join(', ')}.`;
    faults.push(errorIssue('not-supported', text, 'Subscription.channel.payload'));
  }
  if (payload === undefined && isTopic) {
    const text = 'A subscription to a topic needs a payload, with the extension that says how much of it.';
    faults.push(errorIssue('required', text, 'Subscription.channel.payload'));
  }
  if (isFetched(channel)) return faults;
  const fault = endpoint === undefined ? 'It is missing.' : destinations.urlFault(endpoint);
  if (fault !== undefined) {
    const text = `The endpoint cannot be used. ${fault} It must be an https URL of a public address, or one that the operator has allowed (SUBSCRIPTION_ALLOW).`;
    faults.push(
      errorIssue(endpoint === undefined ? 'required' : 'security', text, 'Subscription.channel.endpoint'),
    );
  }
  return faults;
}
