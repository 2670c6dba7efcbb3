import type { ElementNode } from '../../../fhir/structures/elementTree.ts';
import type { Structure } from '../../../fhir/structures/structure.ts';
import { NO_INDEX, type ObjectCheck } from '../../state.ts';
import { compileChildren } from './elements.ts';
import { inResource, itemCheck } from './items.ts';
import type { CompileContext } from './types.ts';

/**
 * The check of what a profile adds to its type.
 *
 * @param tree its snapshot
 */
export function compileProfile(ctx: CompileContext, structure: Structure, tree: ElementNode): ObjectCheck {
  const { type } = structure;
  const typeTree = ctx.typeTree(type);
  const base = typeTree && { node: typeTree, root: typeTree };
  const parts = compileChildren(ctx, tree, base);
  const { constraint = [] } = tree.element;
  const own = itemCheck(
    ctx,
    { ...tree, element: { path: type, constraint, type: [{ code: type }] } },
    base,
    [],
  );
  const check: ObjectCheck = (value, at, depth) => {
    if (depth > at.depthMax) return;
    own?.(value, undefined, type, at, depth, '', NO_INDEX);
    for (const part of parts) part(value, at, depth);
  };
  return ctx.isResourceType(type) ? ofResource(ctx, type, check) : ofDataType(ctx, type, check);
}

function ofResource({ demander }: CompileContext, type: string, check: ObjectCheck): ObjectCheck {
  const text = `Only a ${type} can conform to ${demander}: remove the claim, or make it one.`;
  return (value, at, depth) => {
    if (value.resourceType !== type) return at.report('profile-type', depth, '', NO_INDEX, text);
    if (value === at.resource) return check(value, at, depth);
    const name = depth > 0 ? at.names[depth - 1]! : '';
    inResource(value, at, depth, name, () => check(value, at, depth));
  };
}

/** Also of the abstract types of resources, to whose profiles any resource may conform. */
function ofDataType({ demander }: CompileContext, type: string, check: ObjectCheck): ObjectCheck {
  if (ABSTRACT_RESOURCES.has(type)) return check;
  const text = `No resource can conform to ${demander}, which is of the type ${type}: remove the claim.`;
  return (value, at, depth) => {
    if (typeof value.resourceType === 'string') return at.report('profile-type', depth, '', NO_INDEX, text);
    check(value, at, depth);
  };
}

const ABSTRACT_RESOURCES: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);
