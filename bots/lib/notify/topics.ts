const TOPIC = 'https://maxray.example/fhir/SubscriptionTopic/maxray-';

/** Canonical URL of one of MaxRay's topics (fhir-profiles). */
export const topicUrl = (name: string): string => `${TOPIC}${name}`;
