import type { Definitions, SearchParameterDefinition } from '../../definitions/types.ts';
import { branchesOf } from '../../path/branches.ts';
import { pathStart, resolvePath } from '../../path/resolvePath.ts';

/**
 * Whether a resource of the type has at most one value for a parameter, as the definitions tell: one path, through elements
 * that do not repeat. A text within a HumanName or an Address is one of several.
 */
export function hasOneValue(
  definitions: Definitions,
  type: string,
  parameter: SearchParameterDefinition,
): boolean {
  const [branch, ...others] = branchesOf(parameter.expression ?? '', type, definitions);
  const start = branch?.path && pathStart(definitions, branch.path.root);
  const paths = start && resolvePath(definitions, start, branch.path!.steps);
  if (!paths || others.length > 0) return false;
  return paths.every((path) => !path.repeats && (parameter.type !== 'string' || isPrimitive(path.type)));
}

const isPrimitive = (type: string) => /^[a-z]/.test(type);
