import { canonicalText } from '../../fhir/canonical.ts';
import type { TxIssue } from '../issue.ts';
import { displayIn, type Languages } from '../languages.ts';
import type { CodeSystemContent, Coding, Concept } from '../model.ts';
import { isAbstract, isInactive, isPartial, statusOf } from '../systems/conceptFacts.ts';
import type { CompiledValueSet, CompileScope, Part } from '../valueSets/compile.ts';
import type { Effort } from '../valueSets/effort.ts';
import { foldedCode } from '../valueSets/listedConcepts.ts';
import { bareConcept, withListed } from '../valueSets/members.ts';
import { isMember, mayBeIn } from '../valueSets/membership.ts';
import { facts, warningOf } from '../valueSets/used.ts';
import { chooseContent } from './chosenContent.ts';
import * as say from './codeIssues.ts';
import { displayIssues } from './displays.ts';

/** How codes are judged. */
export interface JudgingRules {
  languages?: Languages;
  lenientDisplay: boolean;
  abstractAllowed: boolean;
  activeOnly: boolean;
  /** Nothing but whether the code is in the value set. */
  membershipOnly: boolean;
}

/** What was found out about one coding. */
export interface CodingVerdict {
  isIn: boolean;
  /** It cannot be said: what the value set is made of is not known. */
  isUndecided?: true;
  issues: TxIssue[];
  coding: Coding;
  concept?: Concept;
  content?: CodeSystemContent;
  display?: string;
  inactive?: { status: string };
  /** `deprecated` or `withdrawn`, of a code that may be used. */
  doubt?: string;
  /** A system (and version) that is not known, where that decided. */
  unknownSystem?: string;
  normalizedCode?: string;
}

/** Judges one coding, by a value set or by its code system alone. */
export class CodingJudge {
  readonly #scope: CompileScope;
  readonly #valueSet: CompiledValueSet | undefined;
  readonly #rules: JudgingRules;
  readonly #effort: Effort;
  /** The includes of the value set by the system that they are about. */
  readonly #parts = new Map<string, readonly Part[]>();

  constructor(
    scope: CompileScope,
    valueSet: CompiledValueSet | undefined,
    rules: JudgingRules,
    effort: Effort,
  ) {
    this.#scope = scope;
    this.#valueSet = valueSet;
    this.#rules = rules;
    this.#effort = effort;
  }

  /** @param at FHIRPath of the coding; empty for parameters of their own. @param isOneOfMany codings of a concept */
  async judge(coding: Coding, at: string, isOneOfMany: boolean): Promise<CodingVerdict> {
    const place = (name: string) => (at === '' || name === '' ? at || name : `${at}.${name}`);
    const verdict: CodingVerdict = { isIn: false, issues: [], coding };
    const { system, code = '' } = coding;
    if (system === undefined) {
      verdict.issues.push(say.noSystem(at === '' ? 'code' : at));
      this.#notIn(verdict, place('code'), isOneOfMany);
      return verdict;
    }
    if (!/^[a-z][a-z0-9+.-]*:/i.test(system)) verdict.issues.push(say.relativeSystem(place('system')));
    const parts = this.#partsOf(system);
    await this.#effort.spend(1 + parts.length);
    const supplements = this.#valueSet?.supplements ?? this.#scope.supplements;
    const found = await chooseContent({ scope: this.#scope, parts, supplements, system, coding, place });
    const { content, unknownSystem } = found;
    verdict.issues.push(...found.issues);
    if (unknownSystem !== undefined) verdict.unknownSystem = unknownSystem;
    if (content) verdict.content = content;
    const concept = await content?.find(code);
    if (!content || found.isForDisplay) {
      if (content && concept) this.#show(verdict, content, concept);
      await this.#withoutSystem(verdict, parts, code, place, isOneOfMany);
      return verdict;
    }
    const { version } = content.header;
    if (!concept) {
      await this.#unknownCode(verdict, content, code, place('code'), isOneOfMany);
      return verdict;
    }
    this.#show(verdict, content, concept);
    if (concept.code !== code) {
      verdict.normalizedCode = concept.code;
      verdict.issues.push(say.caseDiffers(code, concept.code, canonicalOfSystem(content), place('code')));
    }
    const isMemberHere =
      this.#valueSet === undefined ||
      (await isMember(this.#valueSet, {
        system,
        code: concept.code,
        effort: this.#effort,
        ...(version !== undefined && coding.version !== undefined && { version, content }),
        concept,
      }));
    verdict.isIn = isMemberHere;
    if (!isMemberHere) this.#notIn(verdict, place('code'), isOneOfMany);
    this.#judgeConcept(verdict, content, concept, place, isOneOfMany);
    this.#judgeStatus(verdict, content);
    return verdict;
  }

  /** The display that the answer tells: the value set's own before the code system's. */
  #show(verdict: CodingVerdict, { header }: CodeSystemContent, concept: Concept): void {
    verdict.concept = concept;
    const shown = withListed(concept, this.#listed(concept.code, header.url));
    const text = displayIn(header, shown, this.#rules.languages).display ?? shown.display;
    if (text !== undefined) verdict.display = text;
  }

  /** The code system is not known; but the value set may name the code. */
  async #withoutSystem(
    verdict: CodingVerdict,
    parts: readonly Part[],
    code: string,
    place: (name: string) => string,
    isOneOfMany: boolean,
  ): Promise<void> {
    const { system = '' } = verdict.coding;
    const valueSet = this.#valueSet;
    if (!valueSet) return;
    if (
      parts.some(({ concepts }) => concepts) &&
      (await isMember(valueSet, { system, code, effort: this.#effort }))
    ) {
      verdict.isIn = true;
      verdict.issues = verdict.issues.map((issue) => ({ ...issue, severity: 'warning' as const }));
      return;
    }
    if (parts.some(({ concepts }) => !concepts)) {
      const missing = verdict.unknownSystem ?? system;
      verdict.isUndecided = true;
      verdict.issues.push(say.cannotCheck(valueSet.canonical, 'code system', missing));
    } else this.#notIn(verdict, place('code'), isOneOfMany);
  }

  async #unknownCode(
    verdict: CodingVerdict,
    content: CodeSystemContent,
    code: string,
    at: string,
    isOneOfMany: boolean,
  ): Promise<void> {
    const { header } = content;
    if (isPartial(header)) {
      verdict.isIn =
        this.#valueSet === undefined ||
        (await mayBeIn(this.#valueSet, { system: header.url, code, effort: this.#effort }));
      const listed = this.#listed(code, header.url);
      if (listed) this.#show(verdict, content, bareConcept(listed));
      verdict.issues.push(say.unknownInFragment(header.url, header.version, code, at));
      if (!verdict.isIn) this.#notIn(verdict, at, isOneOfMany);
      return;
    }
    this.#notIn(verdict, at, isOneOfMany);
    verdict.issues.push(say.unknownCode(header.url, header.version, code, at));
  }

  #notIn(verdict: CodingVerdict, at: string, isOneOfMany: boolean): void {
    verdict.isIn = false;
    if (!this.#valueSet) return;
    const { system = '', version, code = '' } = verdict.coding;
    const shown = `${system}${version === undefined ? '' : `|${version}`}#${code}`;
    const make = isOneOfMany ? say.thisNotInValueSet : say.notInValueSet;
    verdict.issues.push(make(this.#valueSet.canonical, shown, at));
  }

  #judgeConcept(
    verdict: CodingVerdict,
    content: CodeSystemContent,
    concept: Concept,
    place: (name: string) => string,
    isOneOfMany: boolean,
  ): void {
    const { header } = content;
    const { languages, abstractAllowed, activeOnly, lenientDisplay, membershipOnly } = this.#rules;
    const { coding } = verdict;
    const listed = this.#listed(concept.code, header.url);
    const status = statusOf(header, concept);
    if (isInactive(header, concept)) {
      verdict.inactive = { status: status ?? 'inactive' };
      if (verdict.isIn && (activeOnly || this.#valueSet?.activeOnly === true)) {
        verdict.issues.push(say.notActive(concept.code, place('code')));
        this.#notIn(verdict, place('code'), isOneOfMany);
      }
    }
    if (membershipOnly) return;
    const doubt = doubtfulStatus(status);
    if (!verdict.inactive && doubt !== undefined) verdict.doubt = doubt;
    const reviewed = verdict.inactive?.status ?? doubt;
    if (reviewed !== undefined) verdict.issues.push(say.reviewUse(concept.code, reviewed, place('')));
    if (listed?.extensions.some(isDeprecating) === true)
      verdict.issues.push(
        say.reviewInValueSet(concept.code, header.url, this.#valueSet!.canonical, place('code')),
      );
    if (!abstractAllowed && isAbstract(header, concept)) {
      verdict.issues.push(say.abstractCode(header.url, concept.code, place('code')));
      if (verdict.isIn) this.#notIn(verdict, place('code'), isOneOfMany);
    }
    if (coding.display === undefined) return;
    const question = {
      header,
      concept: withBoth(concept, listed),
      system: header.url,
      display: coding.display,
    };
    verdict.issues.push(
      ...displayIssues({ ...question, languages, isLenient: lenientDisplay, at: place('display') }),
    );
  }

  #listed(code: string, system: string) {
    const part = this.#partsOf(system).find(({ content, concepts }) =>
      concepts?.has(foldedCode(content, code)),
    );
    return part?.concepts?.get(foldedCode(part.content, code));
  }

  #partsOf(system: string): readonly Part[] {
    if (!this.#valueSet) return [];
    let parts = this.#parts.get(system);
    if (parts === undefined) this.#parts.set(system, (parts = partsOf(this.#valueSet, system)));
    return parts;
  }

  #judgeStatus(verdict: CodingVerdict, content: CodeSystemContent): void {
    if (this.#rules.membershipOnly) return;
    const user = this.#valueSet ? facts(this.#valueSet.resource) : {};
    const warning = warningOf(content.header, user, false);
    if (warning !== undefined)
      verdict.issues.push(say.doubtful(warning, 'CodeSystem', canonicalOfSystem(content)));
  }
}

/** What a code that may be used should be reviewed for. */
const doubtfulStatus = (status: string | undefined): string | undefined =>
  status === 'deprecated' || status === 'withdrawn' ? status : undefined;

const isDeprecating = ({ url, valueBoolean, valueCode }: Record<string, unknown>): boolean =>
  (url === 'http://hl7.org/fhir/StructureDefinition/valueset-deprecated' && valueBoolean === true) ||
  (url === 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status' &&
    valueCode === 'deprecated');

/** Both displays are right: the code system's and the value set's. */
function withBoth(concept: Concept, listed: Parameters<typeof withListed>[1]): Concept {
  if (!listed) return concept;
  const { display } = listed;
  const more = display === undefined ? [] : [{ value: display }];
  return { ...concept, designations: [...concept.designations, ...more, ...listed.designations] };
}

export const canonicalOfSystem = ({ header: { url, version } }: CodeSystemContent): string =>
  canonicalText({ url, ...(version !== undefined && { version }) });

/** The includes of one system, those of imported value sets among them. */
export function partsOf(
  valueSet: CompiledValueSet,
  system: string,
  seen = new Set<CompiledValueSet>(),
): Part[] {
  if (seen.has(valueSet)) return [];
  seen.add(valueSet);
  return valueSet.includes.flatMap((part) => [
    ...(part.system === system ? [part] : []),
    ...part.valueSets.flatMap((one) => partsOf(one, system, seen)),
  ]);
}
