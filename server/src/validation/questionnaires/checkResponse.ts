import type { JsonObject } from '../../fhir/resource.ts';
import type { RuleId } from '../rules.ts';
import { isSame, objectsIn, optionsOf, valueIn, valueNames } from './answers.ts';
import { answersByLink, isEnabled, type AnswersByLink } from './enabled.ts';

/** A fault of a response, at a FHIRPath below it (`item[0].answer[1]`). */
export interface ResponseFault {
  rule: RuleId;
  path: string;
  diagnostics: string;
}

/** Deepest nesting of groups that is followed. */
const DEPTH_MAX = 32;

/** States in which a response may still lack answers. */
const UNFINISHED: ReadonlySet<unknown> = new Set(['in-progress', 'stopped', 'entered-in-error']);

/**
 * Where a response does not answer its questionnaire (http://hl7.org/fhir/R4/questionnaireresponse.html#notes): items that it does not ask, in
 * another place or order, missing, of the wrong type, outside the options, or not enabled.
 */
export function responseFaults(questionnaire: JsonObject, response: JsonObject): ResponseFault[] {
  const faults: ResponseFault[] = [];
  const isFinished = !UNFINISHED.has(response.status);
  new ResponseCheck(faults, answersByLink(response), isFinished).items(questionnaire, response, '', 0);
  return faults;
}

class ResponseCheck {
  readonly #faults: ResponseFault[];
  readonly #answers: AnswersByLink;
  readonly #isFinished: boolean;

  constructor(faults: ResponseFault[], answers: AnswersByLink, isFinished: boolean) {
    this.#faults = faults;
    this.#answers = answers;
    this.#isFinished = isFinished;
  }

  /** The items below one of the questionnaire, against those below one of the response, which stands at `path`. */
  items(asked: JsonObject, given: JsonObject, path: string, depth: number): void {
    if (depth > DEPTH_MAX) return;
    const questions = objectsIn(asked.item);
    const items = objectsIn(given.item);
    let last = 0;
    items.forEach((item, i) => {
      const at = `${path}item[${i}]`;
      const position = questions.findIndex(({ linkId }) => linkId === item.linkId);
      if (position < 0) return this.#report('questionnaire-link', at, UNKNOWN_LINK);
      if (position < last) this.#report('questionnaire-order', at, OUT_OF_ORDER);
      last = Math.max(last, position);
      this.#item(questions[position]!, item, at, depth);
    });
    for (const question of questions) this.#count(question, items, path);
  }

  #count(question: JsonObject, items: readonly JsonObject[], path: string): void {
    const found = items.filter(({ linkId }) => linkId === question.linkId);
    const mayRepeat = question.type === 'group' && question.repeats === true;
    const at = path === '' ? '' : path.slice(0, -1);
    if (found.length > 1 && !mayRepeat) this.#report('questionnaire-repeats', at, REPEATED_ITEM);
    if (question.required !== true || !this.#isFinished || !isEnabled(question, this.#answers)) return;
    const isAnswered = found.some(
      (item) => question.type === 'group' || objectsIn(item.answer).some((one) => valueIn(one) !== undefined),
    );
    if (!isAnswered) this.#report('questionnaire-required', at, MISSING);
  }

  #item(question: JsonObject, item: JsonObject, at: string, depth: number): void {
    const answers = objectsIn(item.answer);
    const isQuestion = question.type !== 'group' && question.type !== 'display';
    if (answers.length > 0 && !isQuestion) this.#report('questionnaire-answer', at, NO_QUESTION);
    if (answers.length > 1 && question.repeats !== true && isQuestion) {
      this.#report('questionnaire-repeats', at, REPEATED_ANSWER);
    }
    const hasContent = answers.length > 0 || objectsIn(item.item).length > 0;
    if (hasContent && !isEnabled(question, this.#answers))
      this.#report('questionnaire-enabled', at, DISABLED);
    answers.forEach((answer, i) => {
      if (isQuestion) this.#answer(question, answer, `${at}.answer[${i}]`);
      if (answer.item !== undefined || isQuestion)
        this.items(question, answer, `${at}.answer[${i}].`, depth + 1);
    });
    if (question.type === 'group') this.items(question, item, `${at}.`, depth + 1);
    else if (item.item !== undefined) this.#report('questionnaire-link', at, MISPLACED);
  }

  #answer(question: JsonObject, answer: JsonObject, at: string): void {
    const found = valueIn(answer);
    if (!found) return;
    const names = valueNames(question);
    if (!names.includes(found.name)) {
      return this.#report('questionnaire-answer-type', at, `${WRONG_TYPE} ${names.join(' or ')}.`);
    }
    const options = optionsOf(question);
    const isFree = question.type === 'open-choice' && found.name === 'valueString';
    if (options.length > 0 && !isFree && !options.some(({ value }) => isSame(found.value, value))) {
      this.#report('questionnaire-option', at, NO_OPTION);
    }
    const { maxLength } = question;
    if (typeof maxLength !== 'number' || typeof found.value !== 'string') return;
    if (found.value.length > maxLength) this.#report('questionnaire-length', at, TOO_LONG);
  }

  #report(rule: RuleId, path: string, diagnostics: string): void {
    this.#faults.push({ rule, path, diagnostics });
  }
}

const UNKNOWN_LINK =
  'The questionnaire has no item with this linkId here: correct it, or put it where it belongs.';
const OUT_OF_ORDER = 'The item stands behind one that the questionnaire asks later: put items in its order.';
const REPEATED_ITEM = 'An item stands several times, which only a group that repeats may: keep one of them.';
const REPEATED_ANSWER =
  'The item has several answers, but the questionnaire does not let it repeat: keep one.';
const MISSING = 'An item that the questionnaire requires is not answered: add it.';
const NO_QUESTION = 'A group or display has no answer: remove it.';
const DISABLED = 'The item is answered, but by its enableWhen it is not to be: remove it.';
const MISPLACED = 'Items below a question stand in its answer: move them there.';
const WRONG_TYPE = 'The answer is not of the type that the questionnaire asks for: use';
const NO_OPTION = 'The answer is none of the options of the questionnaire: choose one of them.';
const TOO_LONG = 'The answer is longer than the questionnaire allows: shorten it.';
