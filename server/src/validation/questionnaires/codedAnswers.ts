import type { JsonObject } from '../../fhir/resource.ts';
import { isObject } from '../state.ts';
import { objectsIn } from './answers.ts';
import { extensionValues } from './limits.ts';

/** A coded answer to an item whose options are a value set, or the unit of one whose units are. */
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
      const { options, units } = valueSets.get(item.linkId) ?? {};
      objectsIn(item.answer).forEach((answer, k) => {
        const { valueCoding, valueQuantity } = answer;
        const path = `${at}.answer[${k}].value`;
        if (options !== undefined && isObject(valueCoding))
          found.push({ valueSet: options, coding: plainCoding(valueCoding), path });
        if (units !== undefined && isObject(valueQuantity))
          found.push({ valueSet: units, coding: plainCoding(valueQuantity), path });
        visit(answer, `${at}.answer[${k}].`);
      });
      visit(item, `${at}.`);
    });
  };
  visit(response, '');
  return found;
}

/** Canonicals of the value sets of an item: those of its answers, and of their units. */
interface ItemValueSets {
  options: string | undefined;
  units: string | undefined;
}

function valueSetsByLink(questionnaire: JsonObject): Map<unknown, ItemValueSets> {
  const found = new Map<unknown, ItemValueSets>();
  const visit = (parent: JsonObject): void => {
    for (const item of objectsIn(parent.item)) {
      const [units] = extensionValues(item, 'questionnaire-unitValueSet');
      found.set(item.linkId, { options: textOf(item.answerValueSet), units: textOf(units) });
      visit(item);
    }
  };
  visit(questionnaire);
  return found;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function plainCoding({ system, code }: JsonObject): { system?: string; code?: string } {
  return {
    ...(typeof system === 'string' ? { system } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}
