import { isId } from '../../fhir/id.ts';
import { VALUES_MAX } from '../../fhir/search/limits.ts';
import { escapeValue } from '../../fhir/search/split.ts';
import { PolicyFault } from '../faults.ts';
import { VARIABLE_VALUES_MAX, type Variables } from '../grants.ts';
import type { CriteriaTemplate, TemplatePart } from './template.ts';

/** A parameter of a search with its value. */
export interface FilledPair {
  name: string;
  value: string;
  /** Whether a part of the value comes from a variable. */
  isFilled: boolean;
}

const REFERENCE = /^[A-Z][A-Za-z]*\/([^/]+)$/;

/**
 * Puts values in the place of variables, escaped: none can end an alternative, or a part of a value. Several values of one
 * variable make as many alternatives.
 *
 * @throws PolicyFault for a variable that is not set: then nothing satisfies the criteria
 */
export function fill({ pairs }: CriteriaTemplate, variables: Variables): FilledPair[] {
  return pairs.map(({ name, alternatives }) => {
    const values: string[] = [];
    for (const parts of alternatives) {
      values.push(...filledAlternatives(parts, variables));
      if (values.length > VALUES_MAX) {
        throw new PolicyFault(`A parameter of the criteria comes to more than ${VALUES_MAX} values.`);
      }
    }
    const isFilled = alternatives.flat().some((part) => typeof part !== 'string');
    return { name, value: values.join(','), isFilled };
  });
}

function filledAlternatives(parts: readonly TemplatePart[], variables: Variables): string[] {
  let filled = [''];
  for (const part of parts) {
    const texts = typeof part === 'string' ? [part] : valuesOf(part, variables).map(escapeValue);
    if (filled.length * texts.length > VALUES_MAX) {
      throw new PolicyFault(`A parameter of the criteria comes to more than ${VALUES_MAX} values.`);
    }
    filled = filled.flatMap((begun) => texts.map((text) => begun + text));
  }
  return filled;
}

/** The texts that a variable stands for, not empty and none of them empty. @throws PolicyFault */
function valuesOf(part: Exclude<TemplatePart, string>, variables: Variables): string[] {
  const { variable, idOnly } = part;
  const values = variables.get(variable) ?? [];
  if (values.length === 0) {
    throw new PolicyFault(`The variable %${variable} is not set: nothing satisfies the criteria.`, true);
  }
  if (values.length > VARIABLE_VALUES_MAX) {
    throw new PolicyFault(`The variable %${variable} has more than ${VARIABLE_VALUES_MAX} values.`);
  }
  return values.map((value) => {
    const text = 'reference' in value ? referenceText(value.reference, idOnly) : value.text;
    if (text === undefined || text === '' || (idOnly && !('reference' in value))) {
      throw new PolicyFault(
        `The variable %${variable} has a value that is no ${idOnly ? 'reference (Type/id), which .id needs' : 'text and no reference (Type/id)'}.`,
      );
    }
    return text;
  });
}

function referenceText(reference: string, idOnly: boolean): string | undefined {
  const id = REFERENCE.exec(reference)?.[1];
  if (id === undefined || !isId(id)) return undefined;
  return idOnly ? id : reference;
}
