import { canonicalText } from '../../fhir/canonical.ts';
import type { TxIssue } from '../issue.ts';
import type { CodeSystemContent, Coding } from '../model.ts';
import type { LibraryView } from '../resources/libraryView.ts';
import type { CompileScope, Part } from '../valueSets/compile.ts';
import { foldedCode } from '../valueSets/listedConcepts.ts';
import { leavesOpen } from '../valueSets/membership.ts';
import { includedVersion, versionFault } from '../valueSets/versionRules.ts';
import { fitting } from '../versionMatches.ts';
import * as say from './codeIssues.ts';

/** The version of its code system that a coding is judged by, and what is wrong about versions. */
export interface ChosenContent {
  /** Absent: it is not known. */
  content?: CodeSystemContent;
  /** It only tells what the code is: the version that the value set wants is not known. */
  isForDisplay?: true;
  issues: TxIssue[];
  /** A system (and version) that is not known. */
  unknownSystem?: string;
}

/** What a coding is looked for in. */
export interface ContentQuestion {
  scope: CompileScope;
  /** The includes of the value set that are about the system. */
  parts: readonly Part[];
  /** Canonicals of supplements. */
  supplements: readonly string[];
  system: string;
  coding: Coding;
  place: (name: string) => string;
}

/**
 * An include without a version, or with a pattern (`1.x.x`), takes the version that the coding names (the parameter `systemVersion` of
 * http://hl7.org/fhir/R4/valueset-operation-validate-code.html); one with another version does not.
 */
export async function chooseContent(question: ContentQuestion): Promise<ChosenContent> {
  const { parts, coding } = question;
  const known = parts.filter(({ content }) => content !== undefined);
  const [pinned] = parts.filter(({ content, fault }) => content === undefined && fault !== undefined);
  if (known.length === 0) return pinned ? unknownPin(question, pinned) : withoutPart(question);
  if (coding.version === undefined) {
    const part = (await holding(known, coding)) ?? known[0]!;
    return allowed(question, { content: part.content!, issues: [] });
  }
  const named = await inNamedVersion(question, known, coding.version);
  if (named) return allowed(question, { content: named, issues: [] });
  return mismatch(question, known[0]!, coding.version);
}

/** The value set says nothing of the system, or does not know it either. */
async function withoutPart(question: ContentQuestion): Promise<ChosenContent> {
  const { scope, system, coding, supplements, place } = question;
  const wanted = includedVersion(scope.rules, system, coding.version);
  const content = await scope.view.system(system, wanted, supplements);
  if (content) return allowed(question, { content, issues: [] });
  return unknownSystem(scope.view, system, wanted, place);
}

/** The value set wants a version that is not known, where others are. */
async function unknownPin(question: ContentQuestion, part: Part): Promise<ChosenContent> {
  const { scope, system, coding, supplements, place } = question;
  const { version = '' } = part;
  const issues: TxIssue[] = [];
  if (coding.version !== undefined && coding.version !== version)
    issues.push(say.versionMismatch(part, system, version, coding.version, place('version')));
  const unknown = await unknownSystem(scope.view, system, version, place);
  const content = await scope.view.system(system, coding.version, supplements);
  const shown = content && ({ content, isForDisplay: true } as const);
  return { ...unknown, ...shown, issues: [...issues, ...unknown.issues] };
}

async function inNamedVersion(
  { scope, system, supplements }: ContentQuestion,
  known: readonly Part[],
  version: string,
): Promise<CodeSystemContent | undefined> {
  const [part] = fitting(known, version, ({ content }) => content!.header.version);
  if (part) return part.content;
  // `1.0` of the coding asks for `1.0.3`, and so fits `1.x.x`.
  const content = await scope.view.system(system, version, supplements);
  const named = content?.header.version ?? version;
  return known.some((one) => leavesOpen(one, named)) ? content : undefined;
}

async function mismatch(question: ContentQuestion, part: Part, version: string): Promise<ChosenContent> {
  const { scope, system, supplements, place } = question;
  const content = part.content!;
  const isKnown = (await scope.view.system(system, version, supplements)) !== undefined;
  const found = content.header.version ?? '';
  const different = say.versionMismatch(part, system, found, version, place('version'));
  const unknown = isKnown ? { issues: [] } : await unknownSystem(scope.view, system, version, place);
  const issues = [different, ...unknown.issues];
  return allowed(question, { content, ...unknown, issues });
}

/** Adds what `check-system-version` has against the version. */
function allowed({ scope, system, place }: ContentQuestion, chosen: ChosenContent): ChosenContent {
  const fault = versionFault(scope.rules, system, chosen.content?.header.version);
  if (!fault) return chosen;
  return { ...chosen, issues: [...chosen.issues, { ...fault.issue, at: place('version') }] };
}

/** Of several versions of a system the one that has the code, with its display if there is one. */
async function holding(parts: readonly Part[], { code = '', display }: Coding): Promise<Part | undefined> {
  let found: Part | undefined;
  for (const part of parts.length > 1 ? parts : []) {
    const concept = await part.content!.find(code);
    if (!concept || (part.concepts && !part.concepts.has(foldedCode(part.content, code)))) continue;
    if (display === undefined || concept.display === display) return part;
    found ??= part;
  }
  return found;
}

/** What is said of a system, or a version of it, that is not known, or is none. */
async function unknownSystem(
  view: LibraryView,
  system: string,
  version: string | undefined,
  place: (name: string) => string,
): Promise<{ issues: TxIssue[]; unknownSystem?: string }> {
  if (await view.find('ValueSet', system)) return { issues: [say.systemIsValueSet(system, place('system'))] };
  const known = await view.find('CodeSystem', system);
  if (known?.resource.content === 'supplement')
    return { issues: [say.systemIsSupplement(system, place('system'))] };
  const versions = await view.systemVersions(system);
  return {
    issues: [say.unknownSystemIssue(system, version, versions, place('system'))],
    unknownSystem: canonicalText({ url: system, ...(version !== undefined && { version }) }),
  };
}
