import { canonicalText, parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Coding } from '../model.ts';
import type { LibraryView } from '../resources/libraryView.ts';
import { objects, string } from '../systems/readCodeSystem.ts';
import { canonicalOf } from '../valueSets/compile.ts';
import type { Effort } from '../valueSets/effort.ts';
import { canonicalUrl, conceptOf, forwardMatches, reverseMatches } from './groupMatches.ts';
import { requireMap } from './maps.ts';
import { addTo, type Match } from './match.ts';
import type { TranslateRequest } from './request.ts';

/** Maps that refer to another for what they do not have themselves. */
const OTHER_MAPS_MAX = 10;

/** What one question has with it on its way through maps. */
export interface Search {
  view: LibraryView;
  request: TranslateRequest;
  effort: Effort;
}

/**
 * What a map says of a code, and maps that it refers to for what it does not have.
 *
 * @param depth how many maps referred to each other to get here
 * @throws TerminologyError for too many matches, or a map that is not known
 */
export async function matchesIn(
  search: Search,
  map: JsonObject,
  coding: Coding,
  depth: number,
): Promise<Match[]> {
  const { request, effort } = search;
  const { reverse } = request;
  const all = objects(map.group);
  await effort.spend(1 + all.length);
  const groups = all.filter((group) => isAsked(group, coding, request));
  const name = canonicalOf(map);
  const matches: Match[] = [];
  /** Targets in which something is said of the code: what a group says of others is about its own target. */
  const answered = new Set<unknown>();
  for (const group of groups) {
    await effort.spend(sizeOf(group, reverse));
    const found = reverse
      ? reverseMatches(group, coding, name)
      : forwardMatches(group, coding, name, request.dependencies ?? []);
    if (found.length > 0) answered.add(canonicalUrl(group.target));
    addTo(matches, found);
  }
  if (reverse) return matches;
  for (const group of groups) {
    if (answered.has(canonicalUrl(group.target))) continue;
    addTo(matches, await unmapped(search, group, coding, name, depth));
  }
  return matches;
}

/** Whether a group is about the system of the code, and of the target that is wanted. */
function isAsked(group: JsonObject, coding: Coding, { targetSystem, reverse }: TranslateRequest): boolean {
  const [from, to] = reverse ? [group.target, group.source] : [group.source, group.target];
  const version = string(reverse ? group.targetVersion : group.sourceVersion);
  const isFrom = coding.system === undefined || canonicalUrl(from) === coding.system;
  const isVersion = coding.version === undefined || version === undefined || version === coding.version;
  const isTo = targetSystem === undefined || canonicalUrl(to) === parseCanonical(targetSystem).url;
  return isFrom && isVersion && isTo;
}

/** What is looked at to find a code in a group: its elements, and backwards also what they are mapped to. */
function sizeOf({ element }: JsonObject, reverse: boolean): number {
  const elements = objects(element);
  if (!reverse) return elements.length;
  return elements.reduce(
    (sum, { target }) => sum + (Array.isArray(target) ? target.length : 0),
    elements.length,
  );
}

/** What a group says of codes that it does not have (http://hl7.org/fhir/R4/conceptmap.html#unmapped). */
async function unmapped(
  search: Search,
  group: JsonObject,
  coding: Coding,
  map: string,
  depth: number,
): Promise<Match[]> {
  const rule = group.unmapped as JsonObject | undefined;
  const { code } = coding;
  switch (rule?.mode) {
    case 'provided':
    case 'use-source-code': {
      const concept = conceptOf(group.target, group.targetVersion, { code, display: coding.display });
      return [{ equivalence: 'equal', concept, map, products: [] }];
    }
    case 'fixed': {
      const concept = conceptOf(group.target, group.targetVersion, rule);
      return [{ equivalence: 'inexact', concept, map, products: [] }];
    }
    case 'other-map': {
      const other = string(rule.url) ?? string(rule.otherMap);
      if (other === undefined || depth === OTHER_MAPS_MAX) return [];
      const { resource } = await requireMap(search.view, canonicalText(parseCanonical(other)));
      return matchesIn(search, resource, coding, depth + 1);
    }
  }
  return [];
}
