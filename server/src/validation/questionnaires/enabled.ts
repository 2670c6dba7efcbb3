import type { JsonObject } from '../../fhir/resource.ts';
import { orderOf } from '../order.ts';
import { isSame, objectsIn, valueIn } from './answers.ts';

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
export class NearestAnswers {
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
      if (known) known.push(...values);
      else found.set(item.linkId, values);
      for (const inner of [item, ...answers]) visit(inner);
    }
  };
  visit(given);
  return found;
}

/** Whether an item is to be answered (http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). */
export function isEnabled(item: JsonObject, answers: NearestAnswers, scope: AnswerScope): boolean {
  const conditions = objectsIn(item.enableWhen);
  if (conditions.length === 0) return true;
  const holds = (condition: JsonObject): boolean => isMet(condition, answers.of(condition.question, scope));
  return item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function isMet(condition: JsonObject, given: readonly unknown[]): boolean {
  const wanted = valueIn(condition, 'answer')?.value;
  switch (condition.operator) {
    case 'exists':
      return given.length > 0 === wanted;
    case '=':
      return given.some((value) => isSame(value, wanted));
    case '!=':
      return given.length > 0 && !given.some((value) => isSame(value, wanted));
    default:
      return given.some((value) => isOrdered(orderOf(value, wanted), condition.operator));
  }
}

function isOrdered(difference: number | undefined, operator: unknown): boolean {
  if (difference === undefined) return false;
  if (difference === 0) return operator === '>=' || operator === '<=';
  return difference > 0 ? operator === '>' || operator === '>=' : operator === '<' || operator === '<=';
}
