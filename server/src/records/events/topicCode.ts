import type { Resource } from '../../fhir/resource.ts';

/** Code of a Basic that is a topic (decision 0043), in the system of FHIR's types. */
export const TOPIC_CODE = 'SubscriptionTopic';

/** Whether a resource says what an event is, and so who is told of what. */
export function isTopic(resource: Resource): boolean {
  if (resource.resourceType !== 'Basic') return false;
  const { coding } = (resource.code ?? {}) as { coding?: unknown };
  return Array.isArray(coding) && coding.some((one: { code?: unknown } | null) => one?.code === TOPIC_CODE);
}
