import type { CodeSystemContent, Concept } from '../model.ts';
import { isInactive, isPartial } from '../systems/conceptFacts.ts';
import { isVersionPattern, versionMatches } from '../versionMatches.ts';
import type { CompiledValueSet, Part } from './compile.ts';
import type { Effort } from './effort.ts';
import { foldedCode } from './listedConcepts.ts';

/**
 * Whether a concept that a part's system has is in the part; the system and version are the caller's business.
 * @param concept undefined where the code system is not known
 */
async function isInPart(
  part: Part,
  code: string,
  concept: Concept | undefined,
  effort: Effort,
): Promise<boolean> {
  if (part.concepts && !part.concepts.has(foldedCode(part.content, code))) return false;
  if (part.filters.length > 0) {
    if (!concept || !part.content || !(await part.content.matches(concept, part.filters))) return false;
  }
  for (const valueSet of part.valueSets) {
    const member = { system: part.system!, code, ...(concept && { concept }), effort };
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
  /** What finding out may cost. */
  effort: Effort;
}

/** Whether a part is about any version of its system, or about several by a pattern (`1.x.x`), and so about this one. */
export const leavesOpen = ({ version: own }: Part, version: string): boolean =>
  own === undefined || (isVersionPattern(own) && versionMatches(own, version));

/** Whether a code is in a value set. A code that its system does not have is in none but by name, where the system is not known as a whole. */
export async function isMember(valueSet: CompiledValueSet, candidate: Candidate): Promise<boolean> {
  if (!(await isInAny(valueSet.includes, candidate))) return false;
  if (await isInAny(valueSet.excludes, candidate)) return false;
  return true;
}

/**
 * Whether a value set may have a code that the fragment of its system that is known here does not: not where it lists others or
 * excludes this one by name. What filters would say is not known.
 */
export async function mayBeIn(valueSet: CompiledValueSet, candidate: Candidate): Promise<boolean> {
  const { system, code, effort } = candidate;
  for (const { system: own, content, concepts, valueSets } of valueSet.includes) {
    await effort.spend();
    const isImport = own === undefined && valueSets.length > 0;
    if (!isImport && (own !== system || concepts?.has(foldedCode(content, code)) === false)) continue;
    const imports = await Promise.all(valueSets.map((one) => mayBeIn(one, candidate)));
    if (imports.every((one) => one)) return !(await isInAny(valueSet.excludes, candidate));
  }
  return false;
}

export async function isInAny(parts: readonly Part[], candidate: Candidate): Promise<boolean> {
  for (const part of parts) if (await isInOne(part, candidate)) return true;
  return false;
}

export async function isInOne(part: Part, candidate: Candidate): Promise<boolean> {
  const { system, code, effort } = candidate;
  const turn = effort.spend();
  if (turn) await turn;
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
  if (content && !concept && !(part.concepts && isPartial(content.header))) return false;
  return isInPart({ ...part, system, ...(content && { content }) }, concept?.code ?? code, concept, effort);
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
