import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../fhir/resource.ts';
import { parseCanonical, type Canonical } from '../../fhir/canonical.ts';
import { versionMatches } from '../versionMatches.ts';
import type { CompiledValueSet } from './compile.ts';
import { Effort } from './effort.ts';
import { ContainsWriter, type ContainsSettings } from './contains.ts';
import {
  isMemberAbstract,
  memberOf,
  membersOf,
  plainSelection,
  tooManyMembers,
  type Member,
} from './members.ts';
import { nested } from './nesting.ts';
import { unclosedExtensions } from './unclosed.ts';
import { usedParameters } from './used.ts';

/** Codes of an expansion that is asked for as a whole: with neither `count` nor `filter`. */
export const EXPANSION_WHOLE_MAX = 1_000;
/** Codes of a page, or of those that a filter leaves. */
export const EXPANSION_PAGE_MAX = 10_000;

export interface ExpansionRequest extends Omit<ContainsSettings, 'versioned'> {
  filter?: string;
  count?: number;
  offset?: number;
  activeOnly: boolean;
  excludeNested: boolean;
  excludeNotForUI: boolean;
  includeDefinition: boolean;
  /** Of HL7's servers: codes of several versions of a system are the same. */
  versionsMatch?: boolean;
  excludedSystems: readonly Canonical[];
  /** What `expansion.parameter` tells of the request. */
  echo: readonly JsonObject[];
}

interface Found {
  members: Member[];
  total: number;
}

/**
 * A value set with its expansion (http://hl7.org/fhir/R4/valueset-operation-expand.html).
 *
 * @throws TerminologyError `too-costly` when the codes are too many and no page is asked for
 */
export async function expand(valueSet: CompiledValueSet, request: ExpansionRequest): Promise<JsonObject> {
  const isPaged = request.count !== undefined || request.offset !== undefined;
  const { members, total } = await find(valueSet, request, isPaged);
  const writer = new ContainsWriter({ ...request, versioned: versionedSystems(valueSet) });
  const isFlat = request.excludeNested || isPaged || !isOneHierarchy(valueSet, request);
  const contains = isFlat
    ? members.map((member) => writer.write(member))
    : nested(members, (member) => writer.write(member));
  const extension = [...unclosedExtensions(valueSet), ...writer.propertyDefinitions()];
  const parameter = [...request.echo, ...usedParameters(valueSet)];
  const expansion = {
    ...(extension.length > 0 && { extension }),
    identifier: `urn:uuid:${randomUUID()}`,
    timestamp: new Date().toISOString(),
    total,
    ...(isPaged && request.count !== 0 && { offset: request.offset ?? 0 }),
    ...(parameter.length > 0 && { parameter }),
    ...(contains.length > 0 && { contains }),
  };
  return { ...withoutDefinition(valueSet.resource, request.includeDefinition), expansion };
}

async function find(valueSet: CompiledValueSet, request: ExpansionRequest, isPaged: boolean): Promise<Found> {
  const { filter, activeOnly } = request;
  const offset = request.offset ?? 0;
  const limit = Math.min(request.count ?? EXPANSION_PAGE_MAX, EXPANSION_PAGE_MAX);
  const wholeMax = filter === undefined || filter === '' ? EXPANSION_WHOLE_MAX : EXPANSION_PAGE_MAX;
  const plain = plainSelection(valueSet);
  const isSelected = request.excludeNotForUI || request.excludedSystems.length > 0;
  if (plain && !isSelected) {
    const { part, system, content, filters } = plain;
    const selection = {
      filters,
      ...(filter !== undefined && filter !== '' && { text: filter }),
      activeOnly: activeOnly || valueSet.activeOnly,
    };
    const total = await content.count({ ...selection, limit: 0 });
    if (!isPaged && total > wholeMax) throw tooManyMembers(valueSet.canonical, wholeMax);
    const concepts = limit === 0 ? [] : await content.select({ ...selection, offset, limit });
    return { members: concepts.map((one) => memberOf(part, system, content, one)), total };
  }
  const all = await membersOf(valueSet, {
    effort: new Effort(),
    ...(filter !== undefined && { text: filter }),
    activeOnly,
    commonWillDo: true,
    versionsMatch: request.versionsMatch === true,
  });
  const members = isSelected ? all.filter((member) => isWanted(member, request)) : all;
  if (!isPaged && members.length > wholeMax) throw tooManyMembers(valueSet.canonical, wholeMax);
  return { members: members.slice(offset, offset + limit), total: members.length };
}

function isWanted(member: Member, { excludeNotForUI, excludedSystems }: ExpansionRequest): boolean {
  if (excludeNotForUI && isMemberAbstract(member)) return false;
  return !excludedSystems.some(
    ({ url, version }) =>
      url === member.system && (version === undefined || versionMatches(version, member.version)),
  );
}

/** Only what comes from one system by its own order has a place in its hierarchy; what several filters leave has not, as HL7's servers see it. */
function isOneHierarchy(valueSet: CompiledValueSet, { filter = '' }: ExpansionRequest): boolean {
  const [part, ...more] = valueSet.includes;
  if (!part?.content?.header.isHierarchical || more.length > 0) return false;
  if (part.filters.length > 1 || (filter !== '' && part.filters.length === 0)) return false;
  return !part.concepts && part.valueSets.length === 0;
}

function versionedSystems(valueSet: CompiledValueSet): ReadonlySet<string> {
  const versions = new Map<string, Set<string>>();
  for (const { name, valueUri } of usedParameters(valueSet)) {
    if (name !== 'used-codesystem') continue;
    const { url, version = '' } = parseCanonical(String(valueUri));
    versions.set(url, (versions.get(url) ?? new Set()).add(version));
  }
  return new Set([...versions].filter(([, all]) => all.size > 1).map(([url]) => url));
}

const LEFT_OUT: ReadonlySet<string> = new Set(['text', 'meta', 'expansion']);
const DEFINITION: ReadonlySet<string> = new Set(['compose', 'contained']);

function withoutDefinition(resource: JsonObject, includeDefinition: boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(resource).filter(
      ([name]) => !LEFT_OUT.has(name) && (includeDefinition || !DEFINITION.has(name)),
    ),
  );
}
