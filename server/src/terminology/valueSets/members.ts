import { TerminologyError } from '../issue.ts';
import { isVersionPattern, versionMatches } from '../versionMatches.ts';
import type { CodeSystemContent, Concept, ConceptFilter } from '../model.ts';
import { isAbstract, isInactive } from '../systems/conceptFacts.ts';
import { hasWords, searchText, textWords } from '../systems/text.ts';
import { foldedCode, type CompiledValueSet, type ListedConcept, type Part } from './compile.ts';
import { unknownSystem } from './faults.ts';

/** Codes that are put together in memory for one expansion. */
export const MEMBERS_MAX = 100_000;

/** A code of an expansion. */
export interface Member {
  system: string;
  version?: string;
  concept: Concept;
  /** Absent where the code system is not known. */
  content?: CodeSystemContent;
  /** What the value set itself says of it. */
  listed?: ListedConcept;
}

export interface MemberSelection {
  text?: string;
  activeOnly: boolean;
}

/** Codes are of one version of their system. */
export const memberKey = ({ system, version, concept }: Member): string =>
  `${system}|${version ?? ''}|${concept.code}`;

/**
 * Whether a concept that a part's system has is in the part; the system and version are the caller's business.
 * @param concept undefined where the code system is not known
 */
export async function isInPart(part: Part, code: string, concept: Concept | undefined): Promise<boolean> {
  if (part.concepts && !part.concepts.has(foldedCode(part.content, code))) return false;
  if (part.filters.length > 0) {
    if (!concept || !part.content || !(await part.content.matches(concept, part.filters))) return false;
  }
  for (const valueSet of part.valueSets) {
    const member = { system: part.system!, code, ...(concept && { concept }) };
    if (!(await isMember(valueSet, member))) return false;
  }
  return true;
}

export interface Candidate {
  system: string;
  /** Only parts with this version of the system, where it is given. */
  version?: string;
  /** The system in that version, for parts that leave the version open. */
  content?: CodeSystemContent;
  code: string;
  concept?: Concept;
}

/** Whether a part is about any version of its system, or about several by a pattern (`1.x.x`), and so about this one. */
export const leavesOpen = ({ version: own }: Part, version: string): boolean =>
  own === undefined || (isVersionPattern(own) && versionMatches(own, version));

/** Whether a code is in a value set. A code that its system does not have is in none but by name, where the system is unknown. */
export async function isMember(valueSet: CompiledValueSet, candidate: Candidate): Promise<boolean> {
  if (!(await isInAny(valueSet.includes, candidate))) return false;
  if (await isInAny(valueSet.excludes, candidate)) return false;
  return true;
}

export async function isInAny(parts: readonly Part[], candidate: Candidate): Promise<boolean> {
  for (const part of parts) if (await isInOne(part, candidate)) return true;
  return false;
}

async function isInOne(part: Part, candidate: Candidate): Promise<boolean> {
  const { system, code } = candidate;
  if (part.system === undefined) {
    for (const valueSet of part.valueSets) {
      if (!(await isMember(valueSet, candidate))) return false;
      if (valueSet.activeOnly && !(await isActive(valueSet, system, code))) return false;
    }
    return part.valueSets.length > 0;
  }
  if (part.system !== system) return false;
  const content = contentFor(part, candidate);
  if (!content && (part.content || !part.concepts)) return false;
  const concept = await content?.find(code);
  if (content && !concept) return false;
  return isInPart({ ...part, system, ...(content && { content }) }, concept?.code ?? code, concept);
}

/** A part's system as it is about a candidate; undefined where it is about another version, or not known. */
function contentFor(part: Part, { version, content }: Candidate): CodeSystemContent | undefined {
  if (version === undefined || part.content === undefined) return part.content;
  if (part.content.header.version === version) return part.content;
  return content && leavesOpen(part, version) ? content : undefined;
}

async function isActive(valueSet: CompiledValueSet, system: string, code: string): Promise<boolean> {
  for (const { content, system: own } of valueSet.includes) {
    const concept = own === system ? await content?.find(code) : undefined;
    if (content && concept) return !isInactive(content.header, concept);
  }
  return true;
}

/** Every member of a value set, in order, each once. @throws TerminologyError when they are too many or cannot be listed */
export async function membersOf(valueSet: CompiledValueSet, selection: MemberSelection): Promise<Member[]> {
  const members = new Map<string, Member>();
  const activeOnly = selection.activeOnly || valueSet.activeOnly;
  for (const part of valueSet.includes) {
    for (const member of await partMembers(part, { ...selection, activeOnly })) {
      const key = memberKey(member);
      if (!members.has(key)) members.set(key, member);
      if (members.size > MEMBERS_MAX) throw tooManyMembers(valueSet.canonical, MEMBERS_MAX);
    }
  }
  if (valueSet.excludes.length === 0) return [...members.values()];
  const left: Member[] = [];
  for (const member of members.values())
    if (!(await isExcluded(valueSet.excludes, member))) left.push(member);
  return left;
}

async function isExcluded(excludes: readonly Part[], { system, version, concept }: Member): Promise<boolean> {
  for (const part of excludes) {
    // An exclude of another version is about other codes.
    if (part.content && part.version !== undefined && part.content.header.version !== version) continue;
    if (await isInOne(part, { system, code: concept.code })) return true;
  }
  return false;
}

async function partMembers(part: Part, selection: MemberSelection): Promise<Member[]> {
  if (part.system === undefined) return importedMembers(part.valueSets, selection);
  const own = part.concepts
    ? await listedMembers(part, part.system, selection)
    : await selectedMembers(part, part.system, selection);
  if (part.valueSets.length === 0) return own;
  const left: Member[] = [];
  for (const member of own) if (await isInAll(part.valueSets, member)) left.push(member);
  return left;
}

/** Those of the first value set that are in all the others (http://hl7.org/fhir/R4/valueset.html#compositions). */
async function importedMembers(
  [first, ...others]: readonly CompiledValueSet[],
  selection: MemberSelection,
): Promise<Member[]> {
  if (!first) return [];
  const left: Member[] = [];
  for (const member of await membersOf(first, selection)) {
    if (await isInAll(others, member)) left.push(member);
  }
  return left;
}

async function isInAll(
  valueSets: readonly CompiledValueSet[],
  { system, concept }: Member,
): Promise<boolean> {
  for (const one of valueSets) if (!(await isMember(one, { system, code: concept.code }))) return false;
  return true;
}

async function selectedMembers(part: Part, system: string, selection: MemberSelection): Promise<Member[]> {
  const content = requireContent(part, system);
  const concepts = await content.select({
    filters: part.filters,
    ...(selection.text !== undefined && { text: selection.text }),
    activeOnly: selection.activeOnly,
    limit: MEMBERS_MAX + 1,
  });
  return concepts.map((concept) => memberOf(part, system, content, concept));
}

export function requireContent({ content, version }: Part, system: string): CodeSystemContent {
  if (content) return content;
  throw unknownSystem(system, version, [], 'so the value set cannot be expanded');
}

export function memberOf(
  part: Part,
  system: string,
  content: CodeSystemContent | undefined,
  concept: Concept,
  listed?: ListedConcept,
): Member {
  const version = content?.header.version ?? part.version;
  return {
    system,
    concept,
    ...(version !== undefined && { version }),
    ...(content && { content }),
    ...(listed && { listed }),
  };
}

async function listedMembers(
  part: Part,
  system: string,
  { text, activeOnly }: MemberSelection,
): Promise<Member[]> {
  const { content } = part;
  const words = text === undefined ? [] : textWords(text);
  const members: Member[] = [];
  for (const listed of part.concepts!.values()) {
    const concept = content ? await content.find(listed.code) : bareConcept(listed);
    if (!concept) continue; // the value set is wrong about it
    if (activeOnly && (content ? isInactive(content.header, concept) : listed.inactive === true)) continue;
    if (words.length > 0 && !hasWords((listed.text ??= searchText(withListed(concept, listed))), words))
      continue;
    if (part.filters.length > 0 && !(await content?.matches(concept, part.filters))) continue;
    members.push(memberOf(part, system, content, concept, listed));
  }
  return members;
}

/** The value set's own display and designations go before the code system's. */
export function withListed(concept: Concept, listed: ListedConcept | undefined): Concept {
  if (!listed) return concept;
  return {
    ...concept,
    ...(listed.display !== undefined && { display: listed.display }),
    designations: [...concept.designations, ...listed.designations],
  };
}

/** All that is known of a code of an unknown system. */
export const bareConcept = ({ code, display }: { code: string; display?: string }): Concept => ({
  code,
  ...(display !== undefined && { display }),
  designations: [],
  properties: [],
  extensions: [],
  parents: [],
  children: [],
  order: 0,
});

export const tooManyMembers = (canonical: string, max: number): TerminologyError =>
  new TerminologyError('unprocessable', {
    severity: 'error',
    code: 'too-costly',
    id: 'VALUESET_TOO_COSTLY',
    text: `The value set '${canonical}' expansion has too many codes to display (>${max})`,
  });

export const isMemberAbstract = ({ content, concept, listed }: Member): boolean =>
  listed?.abstract === true || (content !== undefined && isAbstract(content.header, concept));

export const isMemberInactive = ({ content, concept, listed }: Member): boolean =>
  listed?.inactive === true || (content !== undefined && isInactive(content.header, concept));

/** The filters of a part that is nothing but a selection from one system, which can be carried out page by page. */
export function plainSelection({
  includes,
  excludes,
}: CompiledValueSet):
  { part: Part; system: string; content: CodeSystemContent; filters: readonly ConceptFilter[] } | undefined {
  const [part, ...more] = includes;
  if (!part || more.length > 0 || excludes.length > 0) return undefined;
  const { system, content, concepts, valueSets, filters } = part;
  if (system === undefined || !content || concepts || valueSets.length > 0) return undefined;
  return { part, system, content, filters };
}
