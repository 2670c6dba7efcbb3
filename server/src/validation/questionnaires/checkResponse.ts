import type { JsonObject } from '../../fhir/resource.ts';
import type { RuleId } from '../rules.ts';
import { isSame, objectsIn, optionsOf, valueIn, valueNames } from './answers.ts';
import { constraintFaults } from './constraints.ts';
import { Conditions, type AnswerScope } from './enabled.ts';
import type { Asked, ExpressionTest, ResponseExpressions } from './expressions.ts';
import { extensionValues, limitFaults, LimitTools, occurrences } from './limits.ts';
import type { ResponseFault } from './responseFault.ts';

/** Faults of one response that are told. */
export const RESPONSE_FAULTS_MAX = 100;

/** Items, options and answers that are looked at for one response: groups that repeat and options may multiply each other. */
export const RESPONSE_STEPS_MAX = 1_000_000;

/** Deepest nesting of groups that is followed. */
const DEPTH_MAX = 32;

/** States in which a response may still lack answers. */
const UNFINISHED: ReadonlySet<unknown> = new Set(['in-progress', 'stopped', 'entered-in-error']);

/**
 * Where a response does not answer its questionnaire (http://hl7.org/fhir/R4/questionnaireresponse.html#notes): items that it does not ask, in
 * another place or order, missing, of the wrong type, outside the options or limits, or not enabled.
 *
 * @param expressions absent: what the questionnaire says in FHIRPath is not asked
 */
export function responseFaults(
  questionnaire: JsonObject,
  response: JsonObject,
  expressions?: ResponseExpressions,
): ResponseFault[] {
  const faults: ResponseFault[] = [];
  const isFinished = !UNFINISHED.has(response.status);
  const whole = { asked: questionnaire, given: response, outer: undefined };
  new ResponseCheck(faults, isFinished, expressions?.for(response)).whole(whole);
  return faults;
}

class ResponseCheck {
  readonly #faults: ResponseFault[];
  readonly #tools = new LimitTools();
  readonly #conditions: Conditions;
  readonly #isFinished: boolean;
  readonly #holds: ExpressionTest | undefined;
  readonly #questions = new Map<JsonObject, Questions>();
  #stepsLeft = RESPONSE_STEPS_MAX;

  constructor(faults: ResponseFault[], isFinished: boolean, holds: ExpressionTest | undefined) {
    this.#faults = faults;
    this.#isFinished = isFinished;
    this.#holds = holds;
    this.#conditions = new Conditions(this.#tools.units, holds, (steps) => this.#spend(steps));
  }

  whole(scope: AnswerScope): void {
    this.items(scope, '', 0);
    this.#constraints(scope.asked, 'QuestionnaireResponse', scope.given, '');
  }

  /** The items below one of the questionnaire, against those below one of the response, which stands at `path`. */
  items(scope: AnswerScope, path: string, depth: number): void {
    if (depth > DEPTH_MAX) return;
    if (this.#stepsLeft < 0) return;
    const { questions, positions } = this.#questionsIn(scope.asked);
    const items = objectsIn(scope.given.item);
    if (!this.#spend(1 + questions.length + items.length)) return;
    let last = 0;
    items.forEach((item, i) => {
      const at = `${path}item[${i}]`;
      const position = positions.get(item.linkId)?.[0];
      if (position === undefined) return this.#report('questionnaire-link', at, UNKNOWN_LINK);
      if (position < last) this.#report('questionnaire-order', at, OUT_OF_ORDER);
      last = Math.max(last, position);
      this.#item(questions[position]!, item, scope, at, depth);
    });
    const answering = positionsByLink(items);
    for (const question of questions) {
      const places = answering.get(question.linkId) ?? [];
      if (!this.#spend(places.length)) return;
      this.#count(question, items, places, scope, path);
    }
  }

  /** The questions below one, which are asked anew for each repetition of a group. */
  #questionsIn(asked: JsonObject): Questions {
    let found = this.#questions.get(asked);
    if (found === undefined) {
      const questions = objectsIn(asked.item);
      this.#questions.set(asked, (found = { questions, positions: positionsByLink(questions) }));
    }
    return found;
  }

  /** @param places of the items that answer the question */
  #count(
    question: JsonObject,
    items: readonly JsonObject[],
    places: readonly number[],
    scope: AnswerScope,
    path: string,
  ): void {
    const isGroup = question.type === 'group';
    const found = places.map((place) => items[place]!);
    const at = path === '' ? '' : path.slice(0, -1);
    const { min, max } = occurrences(question);
    const mayRepeat = isGroup && question.repeats === true;
    if (found.length > 1 && !mayRepeat) this.#report('questionnaire-repeats', at, REPEATED_ITEM);
    const count = isGroup ? found.length : found.reduce((sum, item) => sum + answered(item), 0);
    if (count > max) this.#report('questionnaire-repeats', at, TOO_MANY);
    if (question.type === 'display' || !this.#isFinished) return;
    const isMissing = question.required === true && (count === 0 || (isGroup && !found.some(hasItems)));
    const isTooFew = count > 0 && count < min;
    if ((!isMissing && !isTooFew) || this.#conditions.enabled(question, scope, found[0]) !== true) return;
    // An item that has no answer is where it belongs; one that is not there is missing in what is around it.
    const [there] = places;
    const place = there === undefined ? at : `${path}item[${there}]`;
    this.#report('questionnaire-required', place, isMissing ? MISSING : TOO_FEW);
  }

  #item(question: JsonObject, item: JsonObject, scope: AnswerScope, at: string, depth: number): void {
    const answers = objectsIn(item.answer);
    if (typeof item.text === 'string' && typeof question.text === 'string' && item.text !== question.text)
      this.#report('questionnaire-text', `${at}.text`, OTHER_TEXT, 'warning');
    const isQuestion = question.type !== 'group' && question.type !== 'display';
    if (answers.length > 0 && !isQuestion) this.#report('questionnaire-answer', at, NO_QUESTION);
    if (answers.length > 1 && question.repeats !== true && isQuestion) {
      this.#report('questionnaire-repeats', at, REPEATED_ANSWER);
    }
    const hasContent = answers.length > 0 || objectsIn(item.item).length > 0;
    if (hasContent && this.#conditions.enabled(question, scope, item) === false)
      this.#report('questionnaire-enabled', at, DISABLED);
    const inner = (given: JsonObject): AnswerScope => ({ asked: question, given, outer: scope });
    if (answers.length > 1) this.#exclusive(question, answers, at);
    answers.forEach((answer, i) => {
      if (isQuestion) this.#answer(question, answer, `${at}.answer[${i}]`);
      if (answer.item !== undefined || isQuestion)
        this.items(inner(answer), `${at}.answer[${i}].`, depth + 1);
    });
    if (question.type === 'group') this.items(inner(item), `${at}.`, depth + 1);
    else if (item.item !== undefined) this.#report('questionnaire-link', at, MISPLACED);
    this.#constraints(question, 'QuestionnaireResponse.item', item, at);
  }

  /** An option may say that it stands alone (http://hl7.org/fhir/R4/extension-questionnaire-optionexclusive.html). */
  #exclusive(question: JsonObject, answers: readonly JsonObject[], at: string): void {
    if (!this.#spend(optionCount(question))) return;
    const alone = objectsIn(question.answerOption)
      .filter((option) => extensionValues(option, 'questionnaire-optionExclusive').includes(true))
      .flatMap((option) => valueIn(option) ?? []);
    if (!this.#spend(alone.length * answers.length)) return;
    answers.forEach((answer, i) => {
      const given = valueIn(answer);
      if (given && alone.some(({ value }) => isSame(given.value, value)))
        this.#report('questionnaire-option', `${at}.answer[${i}].value`, EXCLUSIVE);
    });
  }

  #answer(question: JsonObject, answer: JsonObject, at: string): void {
    const found = valueIn(answer);
    if (!found || !this.#spend(1 + optionCount(question))) return;
    const place = `${at}.value`;
    const names = valueNames(question);
    if (!names.includes(found.name)) {
      return this.#report('questionnaire-answer-type', place, `${WRONG_TYPE} ${names.join(' or ')}.`);
    }
    const options = optionsOf(question);
    const isFree = question.type === 'open-choice' && found.name === 'valueString';
    if (options.length > 0 && !isFree && !options.some(({ value }) => isSame(found.value, value))) {
      this.#report('questionnaire-option', place, NO_OPTION);
    }
    for (const { rule, diagnostics } of limitFaults(question, found.value, this.#tools))
      this.#report(rule, place, diagnostics);
  }

  /** They must hold before the response is complete. */
  #constraints(asked: JsonObject, type: Asked, given: JsonObject, path: string): void {
    if (!this.#isFinished || !this.#holds || asked.extension === undefined) return;
    for (const fault of constraintFaults(asked, { type, given, path }, this.#holds))
      this.#report(fault.rule, path, fault.diagnostics, fault.severity);
  }

  /** Whether so much may be looked at; says once where it is too much. */
  #spend(steps: number): boolean {
    if (this.#stepsLeft < 0) return false;
    this.#stepsLeft -= steps;
    if (this.#stepsLeft >= 0) return true;
    this.#faults.unshift({ rule: 'questionnaire-size', path: '', diagnostics: TOO_LARGE });
    return false;
  }

  #report(rule: RuleId, path: string, diagnostics: string, severity?: 'warning'): void {
    if (this.#faults.length < RESPONSE_FAULTS_MAX)
      this.#faults.push({ rule, path, diagnostics, ...(severity && { severity }) });
  }
}

/** What stands below a question or the whole questionnaire. */
interface Questions {
  questions: readonly JsonObject[];
  positions: ReadonlyMap<unknown, readonly number[]>;
}

/** Where the items with a linkId stand. */
function positionsByLink(items: readonly JsonObject[]): ReadonlyMap<unknown, readonly number[]> {
  const found = new Map<unknown, number[]>();
  items.forEach(({ linkId }, i) => {
    const known = found.get(linkId);
    if (known) known.push(i);
    else found.set(linkId, [i]);
  });
  return found;
}

/** What an answer is compared with: options, and those in extensions. */
const optionCount = ({ answerOption, extension }: JsonObject): number =>
  [answerOption, extension].reduce((sum: number, one) => sum + (Array.isArray(one) ? one.length : 0), 0);

const hasItems = ({ item }: JsonObject): boolean => objectsIn(item).length > 0;

const answered = ({ answer }: JsonObject): number =>
  objectsIn(answer).filter((one) => valueIn(one) !== undefined).length;

const TOO_LARGE =
  'The response cannot be compared with its questionnaire: it has too many items and answers, or the questionnaire too many options.';
const UNKNOWN_LINK =
  'The questionnaire has no item with this linkId here: correct it, or put it where it belongs.';
const OUT_OF_ORDER = 'The item stands behind one that the questionnaire asks later: put items in its order.';
const REPEATED_ITEM = 'An item stands several times, which only a group that repeats may: keep one of them.';
const REPEATED_ANSWER =
  'The item has several answers, but the questionnaire does not let it repeat: keep one.';
const TOO_MANY = 'An item is answered more often than the questionnaire allows: remove the others.';
const TOO_FEW = 'An item is answered less often than the questionnaire asks for: add what is missing.';
const MISSING = 'An item that the questionnaire requires is not answered: add it.';
const NO_QUESTION = 'A group or display has no answer: remove it.';
const DISABLED = 'The item is answered, but by its conditions (enableWhen) it is not to be: remove it.';
const MISPLACED = 'Items below a question stand in its answer: move them there.';
const WRONG_TYPE = 'The answer is not of the type that the questionnaire asks for: use';
const OTHER_TEXT = 'The text is another one than that of the question: look whether it is the same question.';
const EXCLUSIVE = 'The questionnaire lets this option stand alone only: keep it or the other answers.';
const NO_OPTION = 'The answer is none of the options of the questionnaire: choose one of them.';
