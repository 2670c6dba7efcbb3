import type { JsonObject } from '../../fhir/resource.ts';
import type { Member } from './members.ts';

/** Members of one code system below those that stand above them, so far as they are members themselves; each once. */
export function nested(members: readonly Member[], write: (member: Member) => JsonObject): JsonObject[] {
  const written = new Map(members.map((member) => [member.concept.code, write(member)]));
  const roots: JsonObject[] = [];
  const placed = new Set<string>();
  for (const { concept } of members) {
    const own = written.get(concept.code)!;
    // Members come in the order of the code system; one that comes before its parent would hide it in a circle.
    const parent = concept.parents.find((code) => placed.has(code));
    const above = parent === undefined ? undefined : written.get(parent);
    if (above) above.contains = [...((above.contains as JsonObject[] | undefined) ?? []), own];
    else roots.push(own);
    placed.add(concept.code);
  }
  return roots;
}
