import type { JsonObject } from '../../fhir/resource.ts';
import type { ElementNode } from '../../fhir/structures/elementTree.ts';
import { isObject, type ValidationState } from '../state.ts';

/** The urls that the parts of an extension may have, each with those of its own parts; undefined: nobody knows. */
export type PartUrls = ReadonlyMap<string, PartUrls | undefined> | undefined;

/** Absolute: a scheme and something after it. */
export const ABSOLUTE = /^[a-z][a-z0-9+.-]*:./i;

/** The parts that the definition of an extension has, by the slices of its element `extension`. */
export function partsOf(definition: ElementNode): PartUrls {
  const inner = definition.children.find(({ name }) => name === 'extension');
  // Where none are allowed, that is what is told.
  if (inner === undefined || inner.element.max === '0') return undefined;
  const parts = new Map<string, PartUrls>();
  for (const slice of inner.slices) {
    if (slice.element.type?.[0]?.profile !== undefined) continue;
    const url = urlOf(slice);
    if (url === undefined) return undefined;
    parts.set(url, partsOf(slice));
  }
  return parts;
}

function urlOf({ children }: ElementNode): string | undefined {
  const { fixed, pattern } = children.find(({ name }) => name === 'url')?.element ?? {};
  const value = (fixed ?? pattern)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Tells of parts with a relative url that the definition does not have; `extension` is the object at `depth`. */
export function checkParts(
  state: ValidationState,
  depth: number,
  extension: JsonObject,
  parts: PartUrls,
): void {
  if (parts === undefined || !Array.isArray(extension.extension)) return;
  extension.extension.forEach((part: unknown, i) => {
    if (!isObject(part) || typeof part.url !== 'string' || ABSOLUTE.test(part.url)) return;
    if (!parts.has(part.url)) return reportPart(state, depth, i);
    state.names[depth] = 'extension';
    state.indexes[depth] = i;
    checkParts(state, depth + 1, part, parts.get(part.url));
  });
}

/** Reports the part at `index` of the extension at `depth`, which its definition does not have. */
export function reportPart(state: ValidationState, depth: number, index: number): void {
  const text = 'The definition of this extension has no such part: correct the url or remove it.';
  state.report('extension-part', depth, 'extension', index, text);
}
