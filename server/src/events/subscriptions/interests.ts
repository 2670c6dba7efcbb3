import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { EventCriteria } from '../../records/events/criteria.ts';
import type { Interest } from '../matching/matchIndex.ts';
import type { CompiledTopic, TopicSet } from '../topics/topics.ts';
import type { Asked, Search } from './request.ts';

export interface InterestParts {
  criteria: EventCriteria;
  topics: TopicSet;
}

type Filter = Extract<Asked, { kind: 'topic' }>['filters'][number];

const CRITERIA = 'Subscription.criteria';
/** Comparators at the beginning of a value. */
const COMPARATOR = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)\d/;

/**
 * What a subscription asks for, compiled; one for each type of a topic.
 *
 * @throws FhirError `incorrect` that names the element: a search that cannot be decided, an unknown topic, a filter that it does not offer
 */
export function interestsOf(
  { criteria, topics }: InterestParts,
  subscription: string,
  asked: Asked,
): Interest[] {
  if (asked.kind === 'criteria') {
    const { search } = asked;
    requireType(criteria, search);
    return [{ subscription, type: search.type, ...compiled(criteria, search) }];
  }
  const topic = topics.find(asked.canonical);
  if (!topic || topic.isRetired) {
    throw fhirError(
      'incorrect',
      'not-found',
      'There is no such topic here: search Basic?code=SubscriptionTopic for those that are offered.',
      CRITERIA,
    );
  }
  for (const filter of asked.filters) requireOffered(topic, filter);
  return [...topic.tests.keys()].map((type) => {
    const own = asked.filters.filter((filter) => filter.type === undefined || filter.type === type);
    const pairs = own.flatMap((filter) => filter.pairs);
    const expression = own[0]?.expression ?? CRITERIA;
    return { subscription, type, topic: topic.url, ...compiled(criteria, { type, pairs, expression }) };
  });
}

function requireType(criteria: EventCriteria, { type, expression }: Search): void {
  if (criteria.isType(type)) return;
  throw fhirError('incorrect', 'value', 'The criteria must begin with a FHIR R4 resource type.', expression);
}

function compiled(criteria: EventCriteria, { type, pairs, expression }: Search) {
  try {
    return criteria.compile(type, pairs);
  } catch (error) {
    throw at(error, expression);
  }
}

function requireOffered(topic: CompiledTopic, { type, pairs, expression }: Filter): void {
  if (type !== undefined && !topic.tests.has(type)) {
    throw fhirError(
      'incorrect',
      'value',
      `The topic is not about ${type}: it is about ${[...topic.tests.keys()].join(', ')}.`,
      expression,
    );
  }
  for (const [name, value] of pairs) {
    const [code, modifier] = name.split(':');
    const offered = topic.filters.find(
      (one) =>
        one.parameter === code && (one.resource === undefined || type === undefined || one.resource === type),
    );
    if (!offered) {
      const all = [...new Set(topic.filters.map(({ parameter }) => parameter))].join(', ');
      throw fhirError(
        'incorrect',
        'value',
        `The topic cannot be filtered by '${code}': it offers ${all === '' ? 'no filters' : all}.`,
        expression,
      );
    }
    const used = modifier ?? COMPARATOR.exec(value)?.[1];
    if (
      used !== undefined &&
      used !== 'eq' &&
      offered.modifiers.length > 0 &&
      !offered.modifiers.includes(used)
    ) {
      throw fhirError(
        'incorrect',
        'value',
        `The topic's filter '${code}' takes only ${offered.modifiers.join(', ')}.`,
        expression,
      );
    }
  }
}

/** The same fault, said of the element. */
function at(error: unknown, expression: string): unknown {
  if (!(error instanceof FhirError)) return error;
  return new FhirError(
    error.category,
    error.issues.map((issue) => ({ ...issue, expression: [expression] })),
  );
}
