import { PathSyntaxError } from '../errors.ts';
import type { TypeName } from '../parse/ast.ts';
import { ofItems, ofTruth, single, type Operation } from './operation.ts';
import type { Scope } from './scope.ts';
import { checkTypeName, isAsType, isOfType, standsFor } from './typeNames.ts';

/** `input is Type`. @throws PathSyntaxError for a type that is not defined */
export function isOperation(input: Operation, type: TypeName, scope: Scope): Operation {
  checkTypeName(type, scope.model.shapes);
  return ofTruth((focus, run) => {
    const only = single(input.items(focus, run), 'is');
    return only && isOfType(only, type);
  });
}

/** `input as Type`. @throws PathSyntaxError for a type that is not defined, or that strictly cannot be */
export function asOperation(input: Operation, type: TypeName, scope: Scope): Operation {
  checkTypeName(type, scope.model.shapes);
  const shape = type.namespace === 'System' ? undefined : scope.model.shapes.type(type.name);
  const never = input.shapes?.every((s) => !s.isAnyResource && !s.is(type.name) && !shape?.is(s.name));
  if (scope.strict && shape && never) {
    throw new PathSyntaxError(`what stands before 'as' is never of the type ${type.name}`);
  }
  return ofItems(
    (focus, run) => {
      const nodes = input.items(focus, run);
      if (!scope.asFilters) {
        single(nodes, 'as');
        return nodes.filter((node) => isAsType(node, type));
      }
      return nodes.filter((node) => isAsType(node, type) || standsFor(node, type));
    },
    shape && [shape],
    input.ordered,
  );
}
