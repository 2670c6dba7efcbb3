import type { JsonObject, Resource } from '../resource.ts';
import { copyTree, isJsonObject, member, setMember } from './tree.ts';

/** Reads a JSON Merge Patch (RFC 7396), which any JSON is. */
export function readMergePatch(document: unknown): (resource: Resource) => unknown {
  return (resource) => merged(copyTree(resource), document);
}

/** RFC 7396 2. Both are nested no deeper than a parsed text can be, and so is what comes of them. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return copyTree(patch);
  const result: JsonObject = isJsonObject(target) ? target : {};
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (value === null) delete result[name];
    else setMember(result, name, merged(member(result, name), value));
  }
  return result;
}
