import type { JsonObject } from '../../fhir/resource.ts';
import { isObject, NO_INDEX, type ValidationState } from '../state.ts';

/** What a contained resource may not say of itself: it has no identity of its own (dom-4, dom-5). */
const IDENTITY = ['versionId', 'lastUpdated', 'security'];

/**
 * The contained resources of the resource at `depth`: each has an id, is referred to or refers to its container (dom-3), and has no
 * identity of its own.
 */
export function checkContained(state: ValidationState, depth: number, container: JsonObject): void {
  const { contained } = container;
  if (!Array.isArray(contained) || state.depthMax < 0) return;
  const used = localReferences(container);
  const ids = new Set<string>();
  contained.forEach((resource: unknown, i) => {
    if (!isObject(resource)) return;
    const { id } = resource;
    if (typeof id === 'string' && ids.has(id)) {
      const text = 'Another contained resource has the same id: give each its own.';
      state.report('contained-id', depth, 'contained', i, text);
    }
    if (typeof id === 'string') ids.add(id);
    const isNamed = typeof id === 'string' && used.has(`#${id}`);
    const isUsed = isNamed || localReferences(resource).has('#');
    if (!isUsed) {
      const text =
        'Nothing in the resource refers to this contained one: refer to it by # and its id, or remove it (dom-3).';
      state.report('contained-unused', depth, 'contained', i, text);
    }
    checkIdentity(state, depth, i, resource);
  });
}

function checkIdentity(state: ValidationState, depth: number, index: number, resource: JsonObject): void {
  const { meta } = resource;
  if (!isObject(meta)) return;
  const said = IDENTITY.find((name) => name in meta);
  if (said === undefined) return;
  const rule = said === 'security' ? 'dom-5' : 'dom-4';
  const text = `A contained resource has no '${said}' in its meta: remove it (${rule}).`;
  state.report('contained-identity', depth, 'contained', index, text);
}

/** Every string in a value that begins with `#`: references, canonicals and URIs of contained resources. */
function localReferences(root: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.startsWith('#')) found.add(value);
    } else if (typeof value === 'object' && value !== null) {
      for (const child of Object.values(value)) visit(child);
    }
  };
  visit(root);
  return found;
}

/** An id of an element, which no other element of the resource may have (http://hl7.org/fhir/R4/element.html#id). */
export function noteElementId(state: ValidationState, depth: number, id: unknown): void {
  if (typeof id !== 'string') return;
  const ids = (state.elementIds ??= new Set());
  if (ids.has(id)) {
    const text = 'Another element of the resource has the same id: give each its own.';
    state.report('element-id-duplicate', depth, '', NO_INDEX, text);
  } else ids.add(id);
}
