const GUIDE = 'http://hl7.org/fhir/uv/subscriptions-backport';

/** What is told of topic-based Subscriptions. */
export interface SubscriptionSupport {
  /** Canonical URLs of the topics that are offered; the same object as long as they stay the same. */
  topics: () => Promise<readonly string[]>;
  /** Absolute URL where a WebSocket is opened. */
  websocketUrl: string;
}

/** The statement of the backport guide that the server does as (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/conformance.html#conformance-in-fhir-r4). */
export const SUBSCRIPTION_SERVER = `${GUIDE}/CapabilityStatement/backport-subscription-server-r4`;
/** The profile of Subscriptions to topics. */
export const SUBSCRIPTION_PROFILE = `${GUIDE}/StructureDefinition/backport-subscription`;

/** By which topics are told of, in what is said of Subscription. */
export const topicExtensions = (topics: readonly string[]) =>
  topics.map((valueCanonical) => ({
    url: `${GUIDE}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`,
    valueCanonical,
  }));

/** http://hl7.org/fhir/R4/extension-capabilitystatement-websocket.html */
export const websocketExtension = (valueUri: string) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
  valueUri,
});
