import type { JsonObject } from '../../fhir/resource.ts';
import { NO_INDEX, type ValidationState } from '../state.ts';
import { objectsIn, valueIn, namesOfType } from './answers.ts';
import { linksBelow } from './enabled.ts';

/** Deepest nesting of items that is followed. */
const DEPTH_MAX = 32;

/** Types of items whose options may be of any type that options can have. */
const CHOICES: ReadonlySet<unknown> = new Set(['choice', 'open-choice']);

/**
 * What the invariants of a Questionnaire do not say (http://hl7.org/fhir/R4/questionnaire.html): conditions ask about items that are there, and
 * options and initial values are of the type of their item.
 */
export function checkQuestionnaire(state: ValidationState, depth: number, questionnaire: JsonObject): void {
  const links = linksBelow(questionnaire);
  const types = state.thorough ? typesBelow(questionnaire) : undefined;
  /** What has been asked so far: conditions are about that. */
  const asked = new Set<unknown>();
  const visit = (parent: JsonObject, path: string, level: number): void => {
    if (level > DEPTH_MAX) return;
    objectsIn(parent.item).forEach((item, i) => {
      const at = `${path}item[${i}]`;
      checkConditions(state, depth, item, at, { links, asked });
      if (types) checkAnswerTypes(state, depth, item, at, types);
      checkValues(state, depth, item, at);
      asked.add(item.linkId);
      visit(item, `${at}.`, level + 1);
    });
  };
  visit(questionnaire, '', 0);
}

function checkConditions(
  state: ValidationState,
  depth: number,
  item: JsonObject,
  at: string,
  { links, asked }: { links: ReadonlySet<unknown>; asked: ReadonlySet<unknown> },
): void {
  const conditions = objectsIn(item.enableWhen);
  if (conditions.length === 0) return;
  const inner = linksBelow(item);
  conditions.forEach(({ question }, i) => {
    if (typeof question !== 'string' || asked.has(question)) return;
    const report = (text: string, severity: 'error' | 'warning' = 'error'): void =>
      state.report(
        'questionnaire-condition',
        depth,
        `${at}.enableWhen[${i}].question`,
        NO_INDEX,
        text,
        severity,
      );
    if (!links.has(question)) report(NO_SUCH_LINK);
    else if (question === item.linkId || inner.has(question)) report(OWN_LINK);
    else if (state.thorough) report(LATER_LINK, 'warning');
  });
}

/** The types of all items, by linkId. */
function typesBelow(
  parent: JsonObject,
  types = new Map<unknown, unknown>(),
  level = 0,
): Map<unknown, unknown> {
  if (level > DEPTH_MAX) return types;
  for (const item of objectsIn(parent.item)) {
    types.set(item.linkId, item.type);
    typesBelow(item, types, level + 1);
  }
  return types;
}

/** What conditions compare with is of the type of the answers; for a url there is no such type. */
function checkAnswerTypes(
  state: ValidationState,
  depth: number,
  item: JsonObject,
  at: string,
  types: ReadonlyMap<unknown, unknown>,
): void {
  objectsIn(item.enableWhen).forEach((condition, i) => {
    const type = types.get(condition.question);
    const wanted = valueIn(condition, 'answer')?.name;
    const names = CHOICES.has(type) || type === 'url' ? undefined : namesOfType(type);
    if (condition.operator === 'exists' || wanted === undefined || names === undefined) return;
    if (names.includes(wanted)) return;
    const place = `${at}.enableWhen[${i}].answer`;
    state.report('questionnaire-value-type', depth, place, NO_INDEX, OTHER_ANSWER, 'warning');
  });
}

function checkValues(state: ValidationState, depth: number, item: JsonObject, at: string): void {
  const names = namesOfType(item.type);
  if (names === undefined) return;
  const check = (list: 'answerOption' | 'initial'): void =>
    objectsIn(item[list]).forEach((one, i) => {
      const found = valueIn(one);
      if (!found || names.includes(found.name)) return;
      state.report(
        'questionnaire-value-type',
        depth,
        `${at}.${list}[${i}].value`,
        NO_INDEX,
        `${WRONG_TYPE} ${names.join(' or ')}.`,
      );
    });
  if (CHOICES.has(item.type)) return;
  check('answerOption');
  check('initial');
}

const NO_SUCH_LINK = 'The condition asks about an item that is not there: name the linkId of one.';
const OWN_LINK =
  'The condition asks about the item itself or one below it, which only it enables: ask about another one.';
const LATER_LINK =
  'The condition asks about an item that is asked later: look whether it is the right one, or put that before.';
const OTHER_ANSWER =
  'Answers to the question have another type than this value: compare with a value of that type.';
const WRONG_TYPE = 'The value is not of the type of the item: use';
