import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../evaluate/context.ts';
import { list, named, object, type Json } from '../evaluate/world.ts';
import type { Pair } from '../queries/parameter.ts';
import type { Entry } from './bundle.ts';

/** Properties that every view of a resource has. */
const ALWAYS = ['resourceType', 'id', 'meta', 'implicitRules', '_implicitRules', 'modifierExtension'];

/** @throws Error unless each entry is the stored resource, whole or as `_elements` or `_summary` shows it */
export function checkEntries(context: Context, pairs: readonly Pair[], entries: readonly Entry[]): void {
  const value = (name: string) => pairs.find(([one]) => one === name)?.[1];
  const summary = value('_summary');
  const elements = value('_elements')?.split(',');
  const isWhole = elements === undefined && (summary === undefined || summary === 'false');
  for (const { name, fullUrl, resource } of entries) {
    const url = `${context.world.base}/${name}`;
    if (fullUrl !== url) throw new Error(`fullUrl of ${name} is ${fullUrl}`);
    const stored = named(context.world, name)!.resource;
    if (!isWhole) checkPart(context, name, resource, stored, elements, summary);
    else if (JSON.stringify(resource) !== JSON.stringify(stored))
      throw new Error(`${name} is not what was stored: ${JSON.stringify(resource)}`);
  }
}

/** What is asked for and always kept is there, nothing else is, and it says that it is not whole. */
function checkPart(
  { definitions }: Context,
  name: string,
  shown: Json,
  stored: Json,
  elements: readonly string[] | undefined,
  summary: string | undefined,
): void {
  const own = definitions.type(String(stored.resourceType))?.elements ?? [];
  const stem = (property: string) =>
    own.find((one) => {
      const bare = property.replace(/^_/, '');
      return one.name === bare || (one.choice && bare.startsWith(one.name));
    });
  const isAsked = (property: string): boolean => {
    const element = stem(property);
    if (ALWAYS.includes(property) || (element?.min ?? 0) > 0) return true;
    if (elements) return element !== undefined && elements.includes(element.name);
    return summary === 'text' ? property === 'text' : property !== 'text';
  };
  const tags = list(object(shown.meta)?.tag).map(object);
  if (!tags.some((tag) => tag?.code === 'SUBSETTED')) throw new Error(`${name} is not tagged SUBSETTED`);
  for (const property of new Set([...Object.keys(shown), ...Object.keys(stored)])) {
    if (property === 'meta') continue;
    // What a summary keeps within an element is told elsewhere.
    const isSummary = summary === 'true' && (shown[property] === undefined || stored[property] !== undefined);
    if (isSummary || isDeepStrictEqual(shown[property], isAsked(property) ? stored[property] : undefined))
      continue;
    throw new Error(`${name} is shown with a wrong ${property}: ${JSON.stringify(shown[property])}`);
  }
}
