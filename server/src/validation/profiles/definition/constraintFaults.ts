import type { JsonObject } from '../../../fhir/resource.ts';
import { isObject, NO_INDEX, type ValidationState } from '../../state.ts';

const TEXT = 'The expression of the constraint is no FHIRPath, so that nobody could check it: correct it.';

/** Constraints whose expression cannot be read. Those of a snapshot are the base's, or stand in the differential too. */
export function checkConstraints(
  state: ValidationState,
  depth: number,
  { differential, snapshot }: JsonObject,
  isExpression: (text: string) => boolean,
): void {
  const place = isObject(differential) ? 'differential' : 'snapshot';
  const elements = isObject(differential) ? differential.element : isObject(snapshot) && snapshot.element;
  const known = new Map<string, boolean>();
  objects(elements).forEach(({ constraint }, i) => {
    objects(constraint).forEach(({ expression }, j) => {
      if (typeof expression !== 'string') return;
      if (!known.has(expression)) known.set(expression, isExpression(expression));
      if (known.get(expression)) return;
      const path = `${place}.element[${i}].constraint[${j}].expression`;
      state.report('definition-constraint', depth, path, NO_INDEX, TEXT);
    });
  });
}

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
