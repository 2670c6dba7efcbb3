import type { ElementType } from '../../../fhir/structures/structure.ts';
import type { JsonObject } from '../../../fhir/resource.ts';
import { isObject, type ValidationState } from '../../state.ts';
import type { CompileContext, ItemCheck, ProfileLink } from './types.ts';

/** A literal reference to a resource, relative or absolute; the first group is its type. */
const TYPED_REFERENCE = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]*)?$/;
const ANY_TARGET = new Set(['Resource', 'DomainResource']);

/**
 * That a reference leads to what the profile allows: a resource of one of the types, and, where it stands in the same
 * Bundle or is contained, one that conforms to the profile named for its type.
 *
 * @returns undefined where any target will do
 */
export function referenceCheck(ctx: CompileContext, types: readonly ElementType[]): ItemCheck | undefined {
  const targets = types.flatMap(({ targetProfile }) => targetProfile ?? []);
  const links = targets.map((canonical) => ctx.link(canonical));
  if (links.length === 0 || links.some(({ type }) => type === undefined || ANY_TARGET.has(type)))
    return undefined;
  const allowed = [...new Set(links.map(({ type }) => type))].join(', ');
  return (value, _sibling, type, at, depth, name, index) => {
    if (type !== 'Reference' || !isObject(value)) return;
    const resource = resolved(value, at);
    const targetType = resource ? String(resource.resourceType) : referencedType(value, ctx.isResourceType);
    if (targetType === undefined) return;
    const candidates = links.filter((link) => link.type === targetType);
    if (candidates.length === 0) {
      const text = `The element '${name}' may refer to ${allowed} only (${ctx.demander}): refer to one of these.`;
      return at.report('profile-reference-type', depth, name, index, text);
    }
    if (resource === undefined || anyConforms(ctx, at, resource, candidates)) return;
    const profiles = candidates.map(({ canonical }) => canonical).join(', ');
    const text = `What the element '${name}' refers to does not conform to ${profiles} (${ctx.demander}): correct it or refer to another.`;
    at.report('profile-reference-target', depth, name, index, text);
  };
}

const anyConforms = (
  { quiet }: CompileContext,
  at: ValidationState,
  resource: JsonObject,
  candidates: readonly ProfileLink[],
): boolean =>
  candidates.some(({ check }) => check === undefined) ||
  candidates.some((link) => quiet.conforms(at, resource, link));

/** The resource that a Reference leads to, inside of what was sent. */
export function resolved(value: JsonObject, at: ValidationState): JsonObject | undefined {
  return typeof value.reference === 'string' ? at.resolve(value.reference) : undefined;
}

/** The resource type that a Reference tells without being resolved. */
export function referencedType(
  value: JsonObject,
  isResourceType: (name: string) => boolean,
): string | undefined {
  const { reference, type } = value;
  const told = typeof reference === 'string' ? TYPED_REFERENCE.exec(reference)?.[1] : undefined;
  if (told !== undefined && isResourceType(told)) return told;
  return typeof type === 'string' && isResourceType(type) ? type : undefined;
}
