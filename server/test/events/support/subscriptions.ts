export const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-';
const TOPIC = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic';

/** R4's own Subscription. */
export const plainSubscription = (criteria: string, endpoint: string, more: object = {}) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'test',
  criteria,
  channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json', ...more },
});

export interface TopicChoice {
  content?: string;
  filters?: string[];
  heartbeatS?: number;
  maxCount?: number;
  end?: string;
}

/** A Subscription to a topic, as the backport guide has it. */
export const topicSubscription = (
  topic: string,
  endpoint: string,
  { content = 'id-only', filters = [], heartbeatS, maxCount, end }: TopicChoice = {},
) => ({
  resourceType: 'Subscription',
  status: 'requested',
  reason: 'test',
  ...(end && { end }),
  criteria: topic,
  _criteria: {
    extension: [
      { url: `${BACKPORT}max-count-of-test`, valueString: 'kept' },
      ...filters.map((valueString) => ({ url: `${BACKPORT}filter-criteria`, valueString })),
    ],
  },
  channel: {
    type: 'rest-hook',
    endpoint,
    payload: 'application/fhir+json',
    _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] },
    extension: [
      { url: `${BACKPORT}timeout`, valueUnsignedInt: 20 },
      ...(heartbeatS === undefined
        ? []
        : [{ url: `${BACKPORT}heartbeat-period`, valueUnsignedInt: heartbeatS }]),
      ...(maxCount === undefined ? [] : [{ url: `${BACKPORT}max-count`, valuePositiveInt: maxCount }]),
    ],
  },
});

/** A topic as the backport guide represents it in R4. */
export const basicTopic = (
  url: string,
  triggers: object[][],
  filters: object[][] = [],
  shapes: object[][] = [],
) => ({
  resourceType: 'Basic',
  code: { coding: [{ system: 'http://hl7.org/fhir/fhir-types', code: 'SubscriptionTopic' }] },
  extension: [
    { url: `${TOPIC}.url`, valueUri: url },
    ...triggers.map((extension) => ({ url: `${TOPIC}.resourceTrigger`, extension })),
    ...filters.map((extension) => ({ url: `${TOPIC}.canFilterBy`, extension })),
    ...shapes.map((extension) => ({ url: `${TOPIC}.notificationShape`, extension })),
  ],
});

/** `Encounter` completed, by query criteria. */
export const completedTopic = (url: string) =>
  basicTopic(
    url,
    [
      [
        { url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/Encounter' },
        { url: 'supportedInteraction', valueCode: 'create' },
        { url: 'supportedInteraction', valueCode: 'update' },
        {
          url: 'queryCriteria',
          extension: [
            { url: 'previous', valueString: 'status:not=finished' },
            { url: 'resultForCreate', valueCode: 'test-passes' },
            { url: 'current', valueString: 'status=finished' },
            { url: 'resultForDelete', valueCode: 'test-fails' },
            { url: 'requireBoth', valueBoolean: true },
          ],
        },
      ],
    ],
    [
      [
        { url: 'resource', valueUri: 'Encounter' },
        { url: 'filterParameter', valueString: 'subject' },
      ],
    ],
  );

export const encounter = (id: string, status: string, patient = 'p1') => ({
  resourceType: 'Encounter',
  id,
  status,
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: `Patient/${patient}` },
});

/** `Encounter` whenever it is written, with its patient and what was observed in it. */
export const accompaniedTopic = (url: string, include = 'Encounter:subject') =>
  basicTopic(
    url,
    [[{ url: 'resource', valueUri: 'Encounter' }]],
    [[{ url: 'filterParameter', valueString: 'subject' }]],
    [
      [
        { url: 'resource', valueUri: 'http://hl7.org/fhir/StructureDefinition/Encounter' },
        { url: 'include', valueString: include },
        { url: 'revInclude', valueString: 'Observation:encounter' },
      ],
    ],
  );
