import { PathSyntaxError } from '../errors.ts';
import type { Ast, TypeName } from '../parse/ast.ts';
import type { Node } from './nodes.ts';
import { SYSTEM, type Shapes } from './shapes.ts';

/** Reads the argument of `is`, `as` and `ofType`. @throws PathSyntaxError for what is no name */
export function typeNameOf(ast: Ast | undefined): TypeName {
  if (ast?.kind === 'member') {
    if (ast.of === undefined) return { namespace: undefined, name: ast.name };
    if (ast.of.kind === 'member' && ast.of.of === undefined)
      return { namespace: ast.of.name, name: ast.name };
  }
  throw new PathSyntaxError('is, as and ofType take the name of a type');
}

/** @throws PathSyntaxError for a type that is not defined */
export function checkTypeName({ namespace, name }: TypeName, shapes: Shapes): void {
  if (namespace === 'System') return;
  if (shapes.type(name) !== undefined || (namespace === undefined && name in SYSTEM)) return;
  throw new PathSyntaxError(`there is no type ${name}`);
}

/** Whether a node is of a type or of one that comes of it. */
export function isOfType({ shape }: Node, { namespace, name }: TypeName): boolean {
  if (namespace !== undefined && namespace !== shape.namespace) return false;
  return shape.is(name);
}

/**
 * Whether `as` and `ofType` keep a node: those of a primitive type only where they are of this one, so that a `code` is
 * no `string` (http://hl7.org/fhir/R4/fhirpath.html#types).
 */
export function isAsType(node: Node, type: TypeName): boolean {
  return node.shape.isPrimitive
    ? isOfType(node, type) && node.shape.name === type.name
    : isOfType(node, type);
}

/**
 * Whether a primitive of FHIR is the counterpart of a type of FHIRPath (`string` of `String`), to which it is converted of itself
 * (http://hl7.org/fhir/R4/fhirpath.html#types).
 */
export function standsFor({ shape }: Node, { namespace, name }: TypeName): boolean {
  return namespace !== 'FHIR' && shape.isPrimitive && shape.system === name && isNamedLike(shape.name, name);
}

const isNamedLike = (primitive: string, systemType: string): boolean =>
  primitive === systemType.charAt(0).toLowerCase() + systemType.slice(1);
