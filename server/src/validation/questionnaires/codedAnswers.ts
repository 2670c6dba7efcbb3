import type { JsonObject } from '../../fhir/resource.ts';
import { isObject } from '../state.ts';
import { objectsIn } from './answers.ts';

/** A coded answer to an item whose options are a value set. */
export interface CodedAnswer {
  /** Canonical, or `#id` of one that the questionnaire contains. */
  valueSet: string;
  coding: { system?: string; code?: string };
  /** FHIRPath below the response. */
  path: string;
}

/** Those that a response has, whatever its shape: items are found by their linkId. */
export function codedAnswers(questionnaire: JsonObject, response: JsonObject): CodedAnswer[] {
  const valueSets = valueSetsByLink(questionnaire);
  const found: CodedAnswer[] = [];
  const visit = (parent: JsonObject, path: string): void => {
    objectsIn(parent.item).forEach((item, i) => {
      const at = `${path}item[${i}]`;
      const valueSet = valueSets.get(item.linkId);
      objectsIn(item.answer).forEach((answer, k) => {
        const coding = answer.valueCoding;
        if (valueSet !== undefined && isObject(coding)) {
          found.push({ valueSet, coding: plainCoding(coding), path: `${at}.answer[${k}].value` });
        }
        visit(answer, `${at}.answer[${k}].`);
      });
      visit(item, `${at}.`);
    });
  };
  visit(response, '');
  return found;
}

function valueSetsByLink(questionnaire: JsonObject): Map<unknown, string> {
  const found = new Map<unknown, string>();
  const visit = (parent: JsonObject): void => {
    for (const item of objectsIn(parent.item)) {
      const { answerValueSet, linkId } = item;
      if (typeof answerValueSet === 'string') found.set(linkId, answerValueSet);
      visit(item);
    }
  };
  visit(questionnaire);
  return found;
}

function plainCoding({ system, code }: JsonObject): { system?: string; code?: string } {
  return {
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}
