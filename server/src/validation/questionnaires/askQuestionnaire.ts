import type { JsonObject } from '../../fhir/resource.ts';
import { containedValueSet, listedCodes, type ListedCodes } from '../codes/containedValueSet.ts';
import type { CodeAnswer, CodeQuestion } from '../ports.ts';
import type { LateReport } from '../questions.ts';
import { NO_INDEX, type ValidationState } from '../state.ts';
import { codedAnswers } from './codedAnswers.ts';
import { responseFaults } from './checkResponse.ts';
import type { ResponseExpressions } from './expressions.ts';

/**
 * The QuestionnaireResponse at `depth`, against the questionnaire that it names, where that is known.
 *
 * @param expressions absent: what the questionnaire says in FHIRPath is not asked
 */
export function checkQuestionnaireResponse(
  state: ValidationState,
  depth: number,
  response: JsonObject,
  expressions?: ResponseExpressions,
): void {
  const { questionnaire } = response;
  if (typeof questionnaire !== 'string') return;
  if (questionnaire.startsWith('#')) {
    return checkByContained(state, depth, questionnaire, { response, expressions });
  }
  const { thorough } = state;
  state.askQuestionnaire(questionnaire, depth, (found, report, ask) => {
    if (found === undefined) {
      if (thorough) report('questionnaire-unknown', UNKNOWN, 'warning', 'questionnaire');
      return;
    }
    for (const { rule, path, diagnostics, severity = 'error' } of responseFaults(
      found,
      response,
      expressions,
    ))
      if (thorough || severity === 'error') report(rule, diagnostics, severity, path);
    askCodes(found, response, {
      outside: (path) => report('questionnaire-option', OUTSIDE, 'error', path),
      ask,
    });
  });
}

/** One that the response contains is compared with at once. */
function checkByContained(
  state: ValidationState,
  depth: number,
  reference: string,
  { response, expressions }: { response: JsonObject; expressions: ResponseExpressions | undefined },
): void {
  const contained = state.resolve(reference);
  if (contained?.resourceType !== 'Questionnaire') return;
  for (const { rule, path, diagnostics, severity = 'error' } of responseFaults(
    contained,
    response,
    expressions,
  ))
    if (state.thorough || severity === 'error')
      state.report(rule, depth, path, NO_INDEX, diagnostics, severity);
  askCodes(contained, response, {
    outside: (path) => state.report('questionnaire-option', depth, path, NO_INDEX, OUTSIDE),
    ask: (question, path, whenAnswered) => state.askCode(question, depth, path, NO_INDEX, whenAnswered),
  });
}

interface Asking {
  /** Tells of a code, at a path below the response, that is known not to be in its value set. */
  outside(path: string): void;
  ask(
    question: CodeQuestion,
    path: string,
    whenAnswered: (answer: CodeAnswer, report: LateReport) => void,
  ): void;
}

/** Codes of answers, by the value sets of their items: decided here where the questionnaire contains a list of them, else asked. */
function askCodes(questionnaire: JsonObject, response: JsonObject, { outside, ask }: Asking): void {
  const contained = new Map<string, Contained | undefined>();
  for (const { valueSet, coding, path } of codedAnswers(questionnaire, response)) {
    const isContained = valueSet.startsWith('#');
    if (isContained && !contained.has(valueSet))
      contained.set(valueSet, containedIn(questionnaire, valueSet));
    const { resource, list } = contained.get(valueSet) ?? {};
    if (isContained && !resource) continue;
    const verdict = list?.verdict([coding]);
    if (verdict === 'out') outside(path);
    if (verdict !== undefined) continue;
    ask({ valueSet, codings: [coding], ...(resource && { resource }) }, path, (answer, report) => {
      if (answer.verdict === 'out') report('questionnaire-option', OUTSIDE);
    });
  }
}

/** A value set that a questionnaire contains, with its codes where it lists them. */
interface Contained {
  resource: JsonObject;
  list: ListedCodes | undefined;
}

function containedIn(questionnaire: JsonObject, valueSet: string): Contained | undefined {
  const resource = containedValueSet(questionnaire, valueSet);
  return resource && { resource, list: listedCodes(resource) };
}

const UNKNOWN =
  'The questionnaire is not known here, so the answers were not compared with it: store it first.';
const OUTSIDE = 'The answer is not in the value set of the questionnaire: choose one of its codes.';
