import type { ElementConstraint } from '../../../fhir/structures/structure.ts';
import type { Invariant } from '../../invariants/invariant.ts';
import type { CompileContext, ItemCheck } from './types.ts';

/**
 * Invariants that the profile adds (http://hl7.org/fhir/R4/conformance-rules.html#constraints). What cannot be compiled is not
 * asked.
 *
 * @param path of the element where it has a structure of its own; undefined: each value is of its data type
 */
export function constraintChecks(
  ctx: CompileContext,
  constraints: readonly ElementConstraint[],
  path: string | undefined,
): ItemCheck[] {
  return constraints.flatMap(({ expression, ...constraint }) =>
    expression === undefined ? [] : [constraintCheck(ctx, constraint, expression, path)],
  );
}

function constraintCheck(
  ctx: CompileContext,
  { key, severity, human }: Omit<ElementConstraint, 'expression'>,
  expression: string,
  path: string | undefined,
): ItemCheck {
  const words = human.replace(/[.\s]+$/, '');
  const text = `${words} (${key}, ${ctx.demander}): correct the element.`;
  const tests = new Map<string, Invariant['test'] | undefined>();
  const testFor = (type: string): Invariant['test'] | undefined => {
    if (!tests.has(type)) tests.set(type, ctx.invariantTest(expression, type, key));
    return tests.get(type);
  };
  return (value, sibling, type, at, depth, name, index) => {
    if (severity === 'warning' && !at.thorough) return;
    const holds = testFor(path ?? type)?.(value ?? sibling, at, name === '' ? depth : depth + 1);
    if (holds === false) at.report('profile-invariant', depth, name, index, text, severity, key);
  };
}
