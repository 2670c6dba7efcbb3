import type { Typed } from './paths.ts';
import { containedIn, object, text, type Json, type Stored, type World } from './world.ts';

/** What a Reference or a canonical says. */
export interface Pointer {
  /** The address without this server's own base; absent where there is only an identifier or a display. */
  address?: string;
  isCanonical: boolean;
  /** The type of the target, where it can be known without asking another server. */
  targetType?: string;
  identifier?: Json;
  /** What `#id` points at. */
  inside?: Stored;
}

const LITERAL = /(?:^|\/)([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

export const withoutBase = (world: World, address: string): string =>
  address.startsWith(`${world.base}/`) ? address.slice(world.base.length + 1) : address;

export function pointer(world: World, from: Stored, { type, value }: Typed): Pointer | undefined {
  if (type !== 'Reference') {
    const canonical = text(value);
    return canonical === undefined
      ? undefined
      : { address: withoutBase(world, canonical), isCanonical: true };
  }
  const reference = object(value);
  if (!reference) return undefined;
  const written = text(reference.reference);
  const found: Pointer = { isCanonical: false };
  const identifier = object(reference.identifier);
  if (identifier) found.identifier = identifier;
  const declared = text(reference.type);
  if (declared !== undefined) found.targetType = declared;
  if (written === undefined) return found;
  if (written.startsWith('#')) return { ...found, ...insideOf(from, written.slice(1)) };
  const address = withoutBase(world, written);
  const literalType = LITERAL.exec(address)?.[1];
  if (literalType !== undefined) found.targetType = literalType;
  return { ...found, address };
}

function insideOf(from: Stored, id: string): Partial<Pointer> {
  const inside = containedIn(from.container ?? from).find((one) => one.id === id);
  return inside ? { inside, targetType: inside.type } : {};
}

/** `Patient/1` of `Patient/1/_history/2`, `http://x/q` of `http://x/q|2`; the address itself where it names no version. */
export function withoutVersion({ address = '', isCanonical }: Pointer): string {
  return isCanonical ? address.replace(/[|#].*$/s, '') : address.replace(/\/_history\/[^/]*$/, '');
}

/** Whether the address names a version on this server: no resource of these worlds has one that is named (ABSENT_VERSION). */
export const namesAbsentVersion = ({ address = '' }: Pointer): boolean =>
  /^[A-Z][A-Za-z]*\/[^/]+\/_history\//.test(address);

/** The resources of this server, or in the same resource, that it leads to. */
export function targetsOf(world: World, found: Pointer): readonly Stored[] {
  if (found.inside) return [found.inside];
  if (found.address === undefined) return [];
  const local = world.get(withoutVersion(found));
  if (local) return [local];
  if (!found.isCanonical) return [];
  const version = /\|([^#]*)/.exec(found.address)?.[1];
  return world
    .byUrl(withoutVersion(found))
    .filter(({ resource }) => version === undefined || resource.version === version);
}
