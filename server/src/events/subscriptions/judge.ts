import { FhirError, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Channels } from '../channels/channels.ts';
import { interestsOf, type InterestParts } from './interests.ts';
import { readSubscription } from './request.ts';

export interface JudgeParts extends InterestParts {
  channels: Channels;
}

/**
 * What is wrong with a Subscription whose structure is valid: it would never be told of anything, or must not be. One that is off asks for
 * nothing; it is judged when it is to begin.
 */
export function subscriptionFaults(parts: JudgeParts, resource: Resource): Issue[] {
  if (resource.status === 'off') return [];
  try {
    const request = readSubscription(resource);
    interestsOf(parts, '', request.asked);
    return parts.channels.faults(request);
  } catch (error) {
    if (error instanceof FhirError) return error.issues;
    throw error;
  }
}
