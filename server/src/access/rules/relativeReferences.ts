import type { Resource } from '../../fhir/resource.ts';
import { withoutOwnBase } from '../../store/index/values/reference.ts';

/**
 * The resource with its references to this server written as `Type/id`, as the index reads them: what a constraint says of `Patient/…` must hold of
 * `http://own.server/fhir/R4/Patient/…` too. The given one stays as it is.
 *
 * @param ownBase absolute URL of this server's FHIR endpoint without a slash at its end; absent: none are known as its own
 */
export const withRelativeReferences = (resource: Resource, ownBase: string | undefined): Resource =>
  ownBase === undefined ? resource : (relative(resource, ownBase) as Resource);

function relative(value: unknown, ownBase: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => relative(item, ownBase));
    return items.some((item, i) => item !== value[i]) ? items : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const after =
      name === 'reference' && typeof member === 'string'
        ? withoutOwnBase(member, ownBase)
        : relative(member, ownBase);
    if (after !== member) (changed ??= { ...value })[name] = after;
  }
  return changed ?? value;
}
