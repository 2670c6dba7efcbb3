import type { JsonObject } from '../fhir/resource.ts';
import { canonicalText, parseCanonical } from '../fhir/canonical.ts';
import { TerminologyError } from './issue.ts';
import type { Coding } from './model.ts';
import type { KnownResource } from './resources/knownResource.ts';
import type { LibraryView } from './resources/libraryView.ts';
import { objects, string } from './systems/readCodeSystem.ts';
import { canonicalOf } from './valueSets/compile.ts';
import { Effort } from './valueSets/effort.ts';

export interface TranslateRequest {
  codings: readonly Coding[];
  /** Canonical of the map, or the map itself; absent: every map that is known. */
  url?: string;
  map?: JsonObject;
  /** Value sets that the map must be between. */
  source?: string;
  target?: string;
  targetSystem?: string;
  reverse: boolean;
  /** What is known of other elements: a mapping that depends on another value of them does not hold. */
  dependencies?: readonly Dependency[];
}

export interface Dependency {
  /** URI of the element or property. */
  element: string;
  codings: readonly Coding[];
}

interface Match {
  equivalence: string;
  /** Absent where the map says that there is none. */
  concept?: Coding;
  map: string;
  products: { element: string; concept: Coding }[];
}

interface Part {
  name: string;
  [value: string]: unknown;
}

const REVERSED: Record<string, string> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};
/** R5's words for what R4 says. */
const OF_RELATIONSHIP: Record<string, string> = {
  equivalent: 'equivalent',
  'related-to': 'relatedto',
  'source-is-narrower-than-target': 'wider',
  'source-is-broader-than-target': 'narrower',
  'not-related-to': 'disjoint',
};
const NO_MATCH: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);
/** Maps that refer to another for what they do not have themselves. */
const OTHER_MAPS_MAX = 10;
/** Matches of one answer. */
export const MATCHES_MAX = 10_000;

/** `ConceptMap/$translate` (http://hl7.org/fhir/R4/conceptmap-operation-translate.html): the parameters of its answer. */
export async function translate(view: LibraryView, request: TranslateRequest): Promise<Part[]> {
  const matches: Match[] = [];
  const search: Search = { view, request, effort: new Effort() };
  for (const coding of request.codings) {
    for (const map of await mapsFor(view, request, coding)) {
      addTo(matches, await matchesIn(search, map, coding, 0));
    }
  }
  const isFound = matches.some(({ equivalence }) => !NO_MATCH.has(equivalence));
  const message = isFound ? [] : [{ name: 'message', valueString: noMatches(request) }];
  return [{ name: 'result', valueBoolean: isFound }, ...message, ...matches.map(matchPart)];
}

/** What one question has with it on its way through maps. */
interface Search {
  view: LibraryView;
  request: TranslateRequest;
  effort: Effort;
}

/** @throws TerminologyError when there are too many for an answer */
function addTo(matches: Match[], found: readonly Match[]): void {
  if (matches.length + found.length > MATCHES_MAX) {
    const text = `The translation has more than ${MATCHES_MAX} matches: ask for fewer codes, or name a target system.`;
    throw new TerminologyError('unprocessable', { severity: 'error', code: 'too-costly', text });
  }
  for (const match of found) matches.push(match);
}

function noMatches({ codings }: TranslateRequest): string {
  const [first] = codings;
  return `No translations found${first ? ` for ${first.system ?? ''}#${first.code ?? ''}` : ''}.`;
}

function matchPart({ equivalence, concept, map, products }: Match): Part {
  return {
    name: 'match',
    part: [
      { name: 'equivalence', valueCode: equivalence },
      ...(concept ? [{ name: 'concept', valueCoding: concept }] : []),
      ...products.map(({ element, concept: product }) => ({
        name: 'product',
        part: [
          { name: 'element', valueUri: element },
          { name: 'concept', valueCoding: product },
        ],
      })),
      { name: 'source', valueUri: map },
    ],
  };
}

async function mapsFor(
  view: LibraryView,
  request: TranslateRequest,
  { system, code }: Coding,
): Promise<JsonObject[]> {
  const { map, url, reverse } = request;
  const named = map ?? (url === undefined ? undefined : (await requireMap(view, url)).resource);
  if (named) return isBetween(named, request) ? [named] : [];
  if (system === undefined || code === undefined) return [];
  const { library } = view;
  const stored = await library.stored.mapsOf(reverse ? 'target' : 'source', system, code);
  const all = [
    ...view.broughtMaps.map(({ resource }) => resource),
    ...stored.map(({ content }) => JSON.parse(content) as JsonObject),
  ];
  if (all.length === 0) {
    const urls = (await library.hl7.canonicals('ConceptMap')).map((one) => one.url);
    for (const one of new Set(urls)) {
      all.push(...(await library.versions('ConceptMap', one)).map(({ resource }) => resource));
    }
  }
  return all.filter((one) => isBetween(one, request));
}

async function requireMap(view: LibraryView, canonical: string): Promise<KnownResource> {
  const { url, version } = parseCanonical(canonical);
  const found = await view.find('ConceptMap', url, version);
  if (found) return found;
  throw new TerminologyError('not-found', {
    severity: 'error',
    code: 'not-found',
    type: 'not-found',
    text: `A definition for the concept map '${canonical}' could not be found`,
  });
}

/** Value sets that a map says nothing about are no hindrance. */
function isBetween(map: JsonObject, { source, target, reverse }: TranslateRequest): boolean {
  const side = (name: string) =>
    string(map[`${name}Uri`]) ?? string(map[`${name}Canonical`]) ?? string(map[`${name}Scope`]);
  const [from, to] = reverse ? ['target', 'source'] : ['source', 'target'];
  const fits = (said: string | undefined, wanted: string | undefined) =>
    said === undefined || wanted === undefined || parseCanonical(said).url === parseCanonical(wanted).url;
  return fits(side(from), source) && fits(side(to), target);
}

async function matchesIn(search: Search, map: JsonObject, coding: Coding, depth: number): Promise<Match[]> {
  const { request, effort } = search;
  const { targetSystem, reverse } = request;
  const all = objects(map.group);
  await effort.spend(1 + all.length);
  const groups = all.filter((group) => {
    const [from, to] = reverse ? [group.target, group.source] : [group.source, group.target];
    const version = string(reverse ? group.targetVersion : group.sourceVersion);
    const isFrom = coding.system === undefined || canonicalUrl(from) === coding.system;
    const isVersion = coding.version === undefined || version === undefined || version === coding.version;
    return (
      isFrom &&
      isVersion &&
      (targetSystem === undefined || canonicalUrl(to) === parseCanonical(targetSystem).url)
    );
  });
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

/** What is looked at to find a code in a group: its elements, and backwards also what they are mapped to. */
function sizeOf({ element }: JsonObject, reverse: boolean): number {
  const elements = objects(element);
  if (!reverse) return elements.length;
  return elements.reduce(
    (sum, { target }) => sum + (Array.isArray(target) ? target.length : 0),
    elements.length,
  );
}

const canonicalUrl = (value: unknown): string | undefined =>
  typeof value === 'string' ? parseCanonical(value).url : undefined;

function forwardMatches(
  group: JsonObject,
  { code }: Coding,
  map: string,
  dependencies: readonly Dependency[],
): Match[] {
  const elements = objects(group.element).filter((element) => element.code === code);
  const targets = elements.flatMap(({ target }) => objects(target)).filter((one) => holds(one, dependencies));
  return targets.map((one) => ({
    equivalence: equivalenceOf(one),
    ...(one.code !== undefined && { concept: conceptOf(group.target, group.targetVersion, one) }),
    map,
    products: objects(one.product).map((product) => ({
      element: string(product.property) ?? '',
      concept: conceptOf(product.system, undefined, { code: product.value, display: product.display }),
    })),
  }));
}

/**
 * Whether a mapping may hold by what it depends on (http://hl7.org/fhir/R4/conceptmap-definitions.html, `dependsOn`): elements of which
 * the caller says nothing are left to who reads the map.
 */
const holds = (target: JsonObject, dependencies: readonly Dependency[]): boolean =>
  objects(target.dependsOn).every(({ property, system, value }) => {
    const said = dependencies.filter(({ element }) => element === property);
    const isValue = (coding: Coding) =>
      coding.code === value && (system === undefined || coding.system === system);
    return said.length === 0 || said.some(({ codings }) => codings.some(isValue));
  });

function reverseMatches(group: JsonObject, { code }: Coding, map: string): Match[] {
  return objects(group.element).flatMap((element) =>
    objects(element.target)
      .filter((target) => target.code === code)
      .map((target) => {
        const equivalence = equivalenceOf(target);
        return {
          equivalence: REVERSED[equivalence] ?? equivalence,
          concept: conceptOf(group.source, group.sourceVersion, element),
          map,
          products: [],
        };
      }),
  );
}

const equivalenceOf = ({ equivalence, relationship }: JsonObject): string =>
  string(equivalence) ?? OF_RELATIONSHIP[string(relationship) ?? ''] ?? 'relatedto';

function conceptOf(system: unknown, version: unknown, { code, display }: JsonObject): Coding {
  const url = canonicalUrl(system);
  return {
    ...(url !== undefined && { system: url }),
    ...(typeof version === 'string' && { version }),
    ...(typeof code === 'string' && { code }),
    ...(typeof display === 'string' && { display }),
  };
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
