import { fhirError } from '../../fhir/outcome.ts';
import { PathEvaluationError, PathSyntaxError } from '../../fhir/path/errors.ts';
import { compileExpression } from '../../fhir/path/evaluate/compileExpression.ts';
import { NONE, type Nodes } from '../../fhir/path/evaluate/nodes.ts';
import type { PathModel } from '../../fhir/path/evaluate/run.ts';
import type { Resource } from '../../fhir/resource.ts';
import { parseQuery } from '../../fhir/search/queryString.ts';
import type { Candidate, EventCriteria } from '../../records/events/criteria.ts';
import type { StateChange } from '../matching/state.ts';
import type { ResultWithout, TopicTrigger } from './topic.ts';

/** Whether a change of a resource of its type is an event. */
export type TriggerTest = (change: StateChange) => boolean;

export interface TriggerParts {
  criteria: EventCriteria;
  paths: PathModel;
}

/** Longest FHIRPath of a trigger, in characters. */
export const TRIGGER_PATH_CHARS_MAX = 10_000;

/**
 * Compiles a trigger (http://hl7.org/fhir/R5/subscriptiontopic.html): where it has both a query and FHIRPath, both must hold.
 *
 * @throws FhirError `incorrect` for what cannot be decided
 */
export function compileTrigger(parts: TriggerParts, trigger: TopicTrigger): TriggerTest {
  const { criteria } = parts;
  if (!criteria.isType(trigger.resource)) {
    throw fhirError('incorrect', 'value', 'The resource of a trigger must be a FHIR R4 resource type.');
  }
  const tests: TriggerTest[] = [({ interaction }) => trigger.interactions.has(interaction)];
  if (trigger.query) tests.push(queryTest(criteria, trigger.resource, trigger.query));
  if (trigger.fhirPath !== undefined) tests.push(pathTest(parts.paths, trigger.resource, trigger.fhirPath));
  return (change) => tests.every((test) => test(change));
}

function queryTest(
  criteria: EventCriteria,
  type: string,
  { previous, current, resultForCreate, resultForDelete, requireBoth }: NonNullable<TopicTrigger['query']>,
): TriggerTest {
  const state = (text: string, without: ResultWithout) => {
    const { tests } = criteria.compile(type, parseQuery(text.replace(/^[A-Za-z]*\?/, '')));
    return (candidate: Candidate | undefined) =>
      candidate === undefined ? without === 'test-passes' : tests.every(({ matches }) => matches(candidate));
  };
  const before = previous === undefined ? undefined : state(previous, resultForCreate);
  const after = current === undefined ? undefined : state(current, resultForDelete);
  if (!before || !after) {
    return (change) => before?.(change.previous) ?? after?.(change.current) ?? true;
  }
  if (requireBoth) return (change) => before(change.previous) && after(change.current);
  return (change) => before(change.previous) || after(change.current);
}

/** `%previous` and `%current` are the two states, empty where there is none. What is not true is no event. */
function pathTest(model: PathModel, type: string, text: string): TriggerTest {
  if (text.length > TRIGGER_PATH_CHARS_MAX) {
    throw fhirError(
      'incorrect',
      'too-long',
      `The FHIRPath of a trigger has more than ${TRIGGER_PATH_CHARS_MAX} characters.`,
    );
  }
  const expression = compiled(model, type, text);
  const nodes = (candidate: Candidate | undefined): Nodes =>
    candidate === undefined ? NONE : [model.shapes.resource(candidate.resource as Resource)];
  return ({ current, previous }) => {
    const variables = new Map<string, Nodes>([
      ['previous', nodes(previous)],
      ['current', nodes(current)],
    ]);
    try {
      return expression.test((current ?? previous)?.resource, { variables }) === true;
    } catch (error) {
      if (error instanceof PathEvaluationError) return false;
      throw error;
    }
  };
}

function compiled(model: PathModel, type: string, text: string) {
  try {
    return compileExpression(text, { model, type });
  } catch (error) {
    if (error instanceof PathSyntaxError)
      throw fhirError('incorrect', 'value', `The trigger's criteria are no FHIRPath: ${error.message}.`);
    throw error;
  }
}
