import type { JsonObject } from '../../fhir/resource.ts';
import type { UnitConverter } from '../../fhir/units/units.ts';
import { orderOf } from '../order.ts';
import { isSame, objectsIn, valueIn } from './answers.ts';
import { fhirPathOf, type ExpressionTest } from './expressions.ts';
import { extensionValues, SDC } from './limits.ts';

/** A part of a questionnaire, and one part of the response that answers it; of a group that repeats, one repetition. */
export interface AnswerScope {
  asked: JsonObject;
  given: JsonObject;
  outer: AnswerScope | undefined;
}

/**
 * The answers that conditions ask for: those of the nearest occurrence of a question
 * (http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.question).
 */
class NearestAnswers {
  readonly #asked = new Map<JsonObject, ReadonlySet<unknown>>();
  readonly #given = new Map<JsonObject, ReadonlyMap<unknown, readonly unknown[]>>();

  /** Looks for the question in the innermost part that asks it. */
  of(linkId: unknown, scope: AnswerScope): readonly unknown[] {
    let at: AnswerScope | undefined = scope;
    while (at && !this.#linksBelow(at.asked).has(linkId)) at = at.outer;
    return (at && this.#answersBelow(at.given).get(linkId)) ?? [];
  }

  #linksBelow(asked: JsonObject): ReadonlySet<unknown> {
    let links = this.#asked.get(asked);
    if (!links) this.#asked.set(asked, (links = linksBelow(asked)));
    return links;
  }

  #answersBelow(given: JsonObject): ReadonlyMap<unknown, readonly unknown[]> {
    let answers = this.#given.get(given);
    if (!answers) this.#given.set(given, (answers = answersBelow(given)));
    return answers;
  }
}

/** The linkIds of all items below one, or of a whole questionnaire. */
export function linksBelow(asked: JsonObject): Set<unknown> {
  const links = new Set<unknown>();
  const visit = (parent: JsonObject): void => {
    for (const item of objectsIn(parent.item)) {
      links.add(item.linkId);
      visit(item);
    }
  };
  visit(asked);
  return links;
}

function answersBelow(given: JsonObject): Map<unknown, unknown[]> {
  const found = new Map<unknown, unknown[]>();
  const visit = (parent: JsonObject): void => {
    for (const item of objectsIn(parent.item)) {
      const answers = objectsIn(item.answer);
      const values = answers.map((answer) => valueIn(answer)?.value).filter((value) => value !== undefined);
      const known = found.get(item.linkId);
      if (known) for (const value of values) known.push(value);
      else found.set(item.linkId, values);
      for (const inner of [item, ...answers]) visit(inner);
    }
  };
  visit(given);
  return found;
}

/** Says of one response which items are to be answered (http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). */
export class Conditions {
  readonly #answers = new NearestAnswers();
  readonly #units: UnitConverter;
  readonly #holds: ExpressionTest | undefined;
  readonly #spend: (steps: number) => boolean;

  /**
   * @param holds absent: of items with an expression nobody knows
   * @param spend whether so many answers may be looked at
   */
  constructor(
    units: UnitConverter,
    holds: ExpressionTest | undefined,
    spend: (steps: number) => boolean = () => true,
  ) {
    this.#units = units;
    this.#holds = holds;
    this.#spend = spend;
  }

  /** @param given the item of the response, where there is one @returns undefined where it cannot be found out */
  enabled(question: JsonObject, scope: AnswerScope, given: JsonObject | undefined): boolean | undefined {
    const [expression] = extensionValues(question, ENABLE_WHEN_EXPRESSION);
    if (expression !== undefined) return this.#byExpression(expression, given ?? { linkId: question.linkId });
    const conditions = objectsIn(question.enableWhen);
    if (conditions.length === 0) return true;
    const holds = (condition: JsonObject): boolean => {
      const answers = this.#answers.of(condition.question, scope);
      return this.#spend(1 + answers.length) && isMet(condition, answers, this.#units);
    };
    return question.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
  }

  #byExpression(expression: unknown, item: JsonObject): boolean | undefined {
    const text = fhirPathOf(expression);
    return text === undefined ? undefined : this.#holds?.(text, 'QuestionnaireResponse.item', item);
  }
}

const ENABLE_WHEN_EXPRESSION = `${SDC}sdc-questionnaire-enableWhenExpression`;

function isMet(condition: JsonObject, given: readonly unknown[], units: UnitConverter): boolean {
  const { name, value: wanted } = valueIn(condition, 'answer') ?? {};
  const order = (value: unknown): number | undefined =>
    name === 'valueString' ? textOrder(value, wanted) : orderOf(value, wanted, units);
  const isEqual = (value: unknown): boolean =>
    isSame(value, wanted) || (name === 'valueQuantity' && order(value) === 0);
  switch (condition.operator) {
    case 'exists':
      return given.length > 0 === wanted;
    case '=':
      return given.some(isEqual);
    case '!=':
      return given.length > 0 && !given.some(isEqual);
    default:
      return given.some((value) => isOrdered(order(value), condition.operator));
  }
}

/** Texts are ordered as FHIRPath does it, by their characters. */
function textOrder(value: unknown, wanted: unknown): number | undefined {
  if (typeof value !== 'string' || typeof wanted !== 'string') return undefined;
  return value < wanted ? -1 : Number(value > wanted);
}

function isOrdered(difference: number | undefined, operator: unknown): boolean {
  if (difference === undefined) return false;
  if (difference === 0) return operator === '>=' || operator === '<=';
  return difference > 0 ? operator === '>' || operator === '>=' : operator === '<' || operator === '<=';
}
