import { TerminologyError } from '../issue.ts';
import type { CodeSystemContent, Concept, ConceptFilter } from '../model.ts';
import { isAbstract, isInactive, isPartial } from '../systems/conceptFacts.ts';
import { hasWords, searchText, textWords } from '../systems/text.ts';
import { laterFirst } from '../../fhir/canonical.ts';
import type { CompiledValueSet, Part } from './compile.ts';
import type { Effort } from './effort.ts';
import type { ListedConcept } from './listedConcepts.ts';
import { unknownSystem } from './faults.ts';
import { isInOne, isMember } from './membership.ts';

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
  /** What putting them together may cost. */
  effort: Effort;
  text?: string;
  activeOnly: boolean;
  /** Of systems without an end the codes in common use will do. */
  commonWillDo?: boolean;
  /** Codes of several versions of a system are the same, and told as the latest of these has them. */
  versionsMatch?: boolean;
}

/** Codes are of one version of their system, unless versions are to match. */
const memberKey = ({ system, version = '', concept }: Member, { versionsMatch }: MemberSelection): string =>
  `${system}|${versionsMatch === true ? '' : version}|${concept.code}`;

/** Every member of a value set, in order, each once. @throws TerminologyError when they are too many or cannot be listed */
export async function membersOf(valueSet: CompiledValueSet, selection: MemberSelection): Promise<Member[]> {
  const members = new Map<string, Member>();
  const activeOnly = selection.activeOnly || valueSet.activeOnly;
  const parts = selection.versionsMatch === true ? latestFirst(valueSet.includes) : valueSet.includes;
  for (const part of parts) {
    for (const member of await partMembers(part, { ...selection, activeOnly })) {
      const turn = selection.effort.spend();
      if (turn) await turn;
      const key = memberKey(member, selection);
      if (!members.has(key)) members.set(key, member);
      if (members.size > MEMBERS_MAX) throw tooManyMembers(valueSet.canonical, MEMBERS_MAX);
    }
  }
  if (valueSet.excludes.length === 0) return [...members.values()];
  const left: Member[] = [];
  for (const member of members.values())
    if (!(await isExcluded(valueSet.excludes, member, selection))) left.push(member);
  return left;
}

/** Those of one system in the order of its versions; systems stay where they are. */
const latestFirst = (parts: readonly Part[]): Part[] =>
  [...parts].sort((a, b) =>
    a.system === b.system ? laterFirst(a.content?.header.version, b.content?.header.version) : 0,
  );

async function isExcluded(
  excludes: readonly Part[],
  { system, version, concept }: Member,
  { versionsMatch, effort }: MemberSelection,
): Promise<boolean> {
  for (const part of excludes) {
    const turn = effort.spend();
    if (turn) await turn;
    const isOther = part.version !== undefined && part.content?.header.version !== version;
    // An exclude of another version is about other codes.
    if (part.content && isOther && versionsMatch !== true) continue;
    if (await isInOne(part, { system, code: concept.code, effort })) return true;
  }
  return false;
}

async function partMembers(part: Part, selection: MemberSelection): Promise<Member[]> {
  await selection.effort.spend();
  if (part.system === undefined) return importedMembers(part.valueSets, selection);
  const own = part.concepts
    ? await listedMembers(part, part.system, selection)
    : await selectedMembers(part, part.system, selection);
  if (part.valueSets.length === 0) return own;
  const left: Member[] = [];
  for (const member of own) if (await isInAll(part.valueSets, member, selection)) left.push(member);
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
    if (await isInAll(others, member, selection)) left.push(member);
  }
  return left;
}

async function isInAll(
  valueSets: readonly CompiledValueSet[],
  { system, concept }: Member,
  { effort }: MemberSelection,
): Promise<boolean> {
  for (const one of valueSets)
    if (!(await isMember(one, { system, code: concept.code, effort }))) return false;
  return true;
}

async function selectedMembers(part: Part, system: string, selection: MemberSelection): Promise<Member[]> {
  const content = requireContent(part, system);
  if (part.commonCodes && selection.commonWillDo === true) {
    const common: Member[] = [];
    for (const member of await membersOf(await part.commonCodes(), selection))
      if (await content.matches(member.concept, part.filters)) common.push(member);
    return common;
  }
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
  { text, activeOnly, effort }: MemberSelection,
): Promise<Member[]> {
  const { content } = part;
  const words = text === undefined ? [] : textWords(text);
  const members: Member[] = [];
  for (const listed of part.concepts!.values()) {
    const turn = effort.spend();
    if (turn) await turn;
    const isElsewhere = !content || isPartial(content.header);
    const concept = (await content?.find(listed.code)) ?? (isElsewhere ? bareConcept(listed) : undefined);
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

/** All that is known of a code of an unknown system, or that a fragment does not have. */
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
  const { system, content, concepts, valueSets, filters, commonCodes } = part;
  if (system === undefined || !content || concepts || valueSets.length > 0 || commonCodes) return undefined;
  return { part, system, content, filters };
}
