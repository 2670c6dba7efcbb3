import type { Resource } from '../../fhir/resource.ts';
import { extensionsOf, textOf, typeOf, valueOf, type Extension } from '../extensions.ts';
import { readShape, type TopicShape } from './shape.ts';

/** The interactions that trigger events. */
export type Interaction = 'create' | 'update' | 'delete';

/** Whether a test of a state passes where there is no such state. */
export type ResultWithout = 'test-passes' | 'test-fails';

/** When a change of a resource is an event of a topic. */
export interface TopicTrigger {
  /** Resource type. */
  resource: string;
  interactions: ReadonlySet<Interaction>;
  query?: {
    previous?: string;
    current?: string;
    resultForCreate: ResultWithout;
    resultForDelete: ResultWithout;
    requireBoth: boolean;
  };
  fhirPath?: string;
}

/** By what subscribers may narrow a topic. */
export interface TopicFilter {
  /** Absent: resources of each type of the topic. */
  resource?: string;
  parameter: string;
  /** Modifiers and comparators; empty: any. */
  modifiers: readonly string[];
}

/** A SubscriptionTopic of R5, as the backport guide represents it in R4: a Basic with extensions. */
export interface Topic {
  url: string;
  version?: string;
  title?: string;
  /** It is not offered any more. */
  isRetired: boolean;
  triggers: readonly TopicTrigger[];
  filters: readonly TopicFilter[];
  shapes: readonly TopicShape[];
}

const TOPIC_EXTENSION =
  /^http:\/\/hl7\.org\/fhir\/(?:4\.3|5\.0)\/StructureDefinition\/extension-SubscriptionTopic\.(\w+)$/;
const INTERACTIONS: readonly Interaction[] = ['create', 'update', 'delete'];

/** @returns undefined where it has no URL: then nobody can ask for it */
export function readTopic(resource: Resource): Topic | undefined {
  const elements = Map.groupBy(
    [...extensionsOf(resource), ...extensionsOf({ extension: resource.modifierExtension })],
    ({ url }) => TOPIC_EXTENSION.exec(url ?? '')?.[1] ?? '',
  );
  const text = (name: string) => textOf(elements.get(name)?.[0]);
  const url = text('url');
  if (url === undefined) return undefined;
  const [version, title] = [text('version'), text('title')];
  return {
    url,
    ...(version === undefined ? {} : { version }),
    ...(title === undefined ? {} : { title }),
    isRetired: text('status') === 'retired',
    triggers: (elements.get('resourceTrigger') ?? []).map(readTrigger),
    filters: (elements.get('canFilterBy') ?? []).map(readFilter),
    shapes: (elements.get('notificationShape') ?? []).map(readShape),
  };
}

function readTrigger(extension: Extension): TopicTrigger {
  const part = partsOf(extension);
  const interactions = part('supportedInteraction').map(textOf);
  const fhirPath = textOf(part('fhirPathCriteria')[0]);
  const query = part('queryCriteria')[0];
  return {
    resource: typeOf(part('resource')[0]) ?? '',
    interactions: new Set(
      interactions.length === 0 ? INTERACTIONS : INTERACTIONS.filter((one) => interactions.includes(one)),
    ),
    ...(query && { query: readQuery(query) }),
    ...(fhirPath === undefined ? {} : { fhirPath }),
  };
}

function readQuery(extension: Extension): TopicTrigger['query'] {
  const part = partsOf(extension);
  const text = (name: string) => textOf(part(name)[0]);
  const [previous, current] = [text('previous'), text('current')];
  return {
    ...(previous === undefined ? {} : { previous }),
    ...(current === undefined ? {} : { current }),
    resultForCreate: text('resultForCreate') === 'test-fails' ? 'test-fails' : 'test-passes',
    resultForDelete: text('resultForDelete') === 'test-passes' ? 'test-passes' : 'test-fails',
    requireBoth: valueOf(part('requireBoth')[0]) === true,
  };
}

function readFilter(extension: Extension): TopicFilter {
  const part = partsOf(extension);
  const resource = typeOf(part('resource')[0]);
  return {
    ...(resource === undefined ? {} : { resource }),
    parameter: textOf(part('filterParameter')[0]) ?? '',
    modifiers: [...part('modifier'), ...part('comparator')].flatMap((one) => textOf(one) ?? []),
  };
}

const partsOf = (extension: Extension) => (name: string) =>
  extensionsOf(extension).filter(({ url }) => url === name);
