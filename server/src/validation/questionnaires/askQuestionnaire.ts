import type { JsonObject } from '../../fhir/resource.ts';
import { NO_INDEX, type ValidationState } from '../state.ts';
import { codedAnswers } from './codedAnswers.ts';
import { responseFaults } from './checkResponse.ts';

/** The QuestionnaireResponse at `depth`, against the questionnaire that it names, where that is known. */
export function checkQuestionnaireResponse(
  state: ValidationState,
  depth: number,
  response: JsonObject,
): void {
  const { questionnaire } = response;
  if (typeof questionnaire !== 'string') return;
  if (questionnaire.startsWith('#')) {
    const contained = state.resolve(questionnaire);
    if (contained?.resourceType !== 'Questionnaire') return;
    for (const { rule, path, diagnostics } of responseFaults(contained, response)) {
      state.report(rule, depth, path, NO_INDEX, diagnostics);
    }
    return;
  }
  const { thorough } = state;
  state.askQuestionnaire(questionnaire, depth, (found, report, ask) => {
    if (found === undefined) {
      if (thorough) report('questionnaire-unknown', UNKNOWN, 'warning', 'questionnaire');
      return;
    }
    for (const { rule, path, diagnostics } of responseFaults(found, response)) {
      report(rule, diagnostics, 'error', path);
    }
    for (const { valueSet, coding, path } of codedAnswers(found, response)) {
      ask({ valueSet, codings: [coding] }, path, ({ verdict }, reportThere) => {
        if (verdict === 'out') reportThere('questionnaire-option', OUTSIDE);
      });
    }
  });
}

const UNKNOWN =
  'The questionnaire is not known here, so the answers were not compared with it: store it first.';
const OUTSIDE = 'The answer is not in the value set of the questionnaire: choose one of its codes.';
