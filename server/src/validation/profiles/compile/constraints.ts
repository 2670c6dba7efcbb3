import type { ElementConstraint } from '../../../fhir/structures/structure.ts';
import type { CompileContext, ItemCheck } from './types.ts';

/**
 * Invariants that the profile adds (http://hl7.org/fhir/R4/conformance-rules.html#constraints). What cannot be compiled is
 * not asked.
 *
 * @param focus name of a type, or path of an element
 */
export function constraintChecks(
  ctx: CompileContext,
  constraints: readonly ElementConstraint[],
  focus: string,
): ItemCheck[] {
  return constraints.flatMap((constraint) => {
    const { key, severity, human, expression } = constraint;
    const test = expression === undefined ? undefined : ctx.invariantTest(expression, focus);
    if (test === undefined) return [];
    const words = human.replace(/[.\s]+$/, '');
    const check: ItemCheck = (value, sibling, _type, at, depth, name, index) => {
      if (severity === 'warning' && !at.thorough) return;
      const holds = test(value ?? sibling, at, name === '' ? depth : depth + 1);
      if (holds !== false) return;
      const text = `${words} (${key}, ${ctx.demander}): correct the element.`;
      at.report('profile-invariant', depth, name, index, text, severity, key);
    };
    return [check];
  });
}
