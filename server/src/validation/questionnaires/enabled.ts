import type { JsonObject } from '../../fhir/resource.ts';
import { isSame, objectsIn, order, valueIn } from './answers.ts';

/** The answers of a response, by the linkId of their item. */
export type AnswersByLink = ReadonlyMap<string, readonly unknown[]>;

export function answersByLink(response: JsonObject): AnswersByLink {
  const found = new Map<string, unknown[]>();
  const visit = (items: readonly JsonObject[]): void => {
    for (const item of items) {
      const answers = objectsIn(item.answer);
      const values = answers.map((answer) => valueIn(answer)?.value).filter((value) => value !== undefined);
      const key = String(item.linkId);
      found.set(key, [...(found.get(key) ?? []), ...values]);
      for (const inner of [item, ...answers]) visit(objectsIn(inner.item));
    }
  };
  visit(objectsIn(response.item));
  return found;
}

/** Whether an item is to be answered (http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). */
export function isEnabled(item: JsonObject, answers: AnswersByLink): boolean {
  const conditions = objectsIn(item.enableWhen);
  if (conditions.length === 0) return true;
  const holds = (condition: JsonObject): boolean => isMet(condition, answers);
  return item.enableBehavior === 'any' ? conditions.some(holds) : conditions.every(holds);
}

function isMet(condition: JsonObject, answers: AnswersByLink): boolean {
  const given = answers.get(String(condition.question)) ?? [];
  const wanted = valueIn(condition, 'answer')?.value;
  switch (condition.operator) {
    case 'exists':
      return given.length > 0 === wanted;
    case '=':
      return given.some((value) => isSame(value, wanted));
    case '!=':
      return given.length > 0 && !given.some((value) => isSame(value, wanted));
    default:
      return given.some((value) => isOrdered(order(value, wanted), condition.operator));
  }
}

function isOrdered(difference: number | undefined, operator: unknown): boolean {
  if (difference === undefined) return false;
  if (difference === 0) return operator === '>=' || operator === '<=';
  return difference > 0 ? operator === '>' || operator === '>=' : operator === '<' || operator === '<=';
}
