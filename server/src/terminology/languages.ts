import type { Concept, Designation, SystemHeader } from './model.ts';

/** Languages that are looked at. */
const LANGUAGES_MAX = 20;

const PREFERRED = {
  system: 'http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra',
  code: 'preferredForLanguage',
  display: 'Preferred For Language',
};

/** Which languages displays are wanted in. */
export interface Languages {
  /** As it was asked for. */
  text: string;
  /** From the most to the least wanted; behind each what it is a dialect of (RFC 4647, section 3.4): `de-AT` is answered by `de` too. */
  tags: readonly string[];
  /** Whether any other language does as well, where there is nothing in these. */
  othersToo: boolean;
}

/** `de`, `de,en;q=0.5`, `de, *; q=0` (http://hl7.org/fhir/R4/http.html#general-language; RFC 9110, section 12.5.4). */
export function parseLanguages(text: string): Languages | undefined {
  const all = text.split(',', LANGUAGES_MAX);
  const understood = all.filter(isLanguageRange);
  const ranges = understood.map((one, i) => {
    const [tag = '', ...rest] = one.split(';').map((part) => part.trim());
    const weight = rest.find((part) => part.startsWith('q='));
    return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0, i };
  });
  const tags = ranges
    .filter(({ tag, weight }) => tag !== '*' && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.i - b.i)
    .flatMap(({ tag }) => withGeneral(tag));
  if (tags.length === 0) return undefined;
  const others = ranges.find(({ tag }) => tag === '*');
  const said = understood.length === all.length ? text : understood.join(',').trim();
  // A wildcard with a weight is written with blanks, as HL7's servers do.
  const shown = said.replace(/,\s*\*\s*;\s*q=/, ', *; q=');
  return { text: shown, tags: [...new Set(tags)], othersToo: others === undefined || others.weight > 0 };
}

/** `de`, `de-CH;q=0.5` or `*`: one of a list (RFC 9110, section 12.5.4). */
export const isLanguageRange = (text: string): boolean =>
  /^\s*(\*|[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)\s*(;.*)?$/.test(text);

/** `zh-Hant-TW` -> itself, `zh-Hant`, `zh`. */
function withGeneral(tag: string): string[] {
  const subtags = tag.split('-');
  return subtags.map((_, i) => subtags.slice(0, subtags.length - i).join('-'));
}

/** Whether a text in a language answers one that was asked for: `de` is also answered by `de-CH`. */
export function speaks(language: string | undefined, tag: string): boolean {
  if (language === undefined) return false;
  const [found, wanted] = [language.toLowerCase(), tag.toLowerCase()];
  return found === wanted || found.startsWith(`${wanted}-`);
}

/** The texts of a concept: which one is shown, and which are left as designations. */
export interface Display {
  display?: string;
  designations: readonly Designation[];
}

/** What of a concept is shown to whom asks for some languages; with none, its own display. */
export function displayIn(header: SystemHeader, concept: Concept, languages: Languages | undefined): Display {
  const { display, designations } = concept;
  const plain = { ...(display !== undefined && { display }), designations };
  if (!languages) return plain;
  for (const tag of languages.tags) {
    if (display !== undefined && speaks(header.language, tag)) return plain;
    const texts = designations.filter(isDisplay);
    const lower = tag.toLowerCase();
    const chosen =
      texts.find(({ language }) => language?.toLowerCase() === lower) ??
      texts.find(({ language }) => speaks(language, tag));
    if (chosen) {
      const others = designations.filter((one) => one !== chosen);
      return { display: chosen.value, designations: withOwn(header, display, others) };
    }
  }
  // Without a word about its language, a display is in any.
  if (languages.othersToo || header.language === undefined) return plain;
  return { designations: withOwn(header, display, designations) };
}

function withOwn(
  header: SystemHeader,
  display: string | undefined,
  others: readonly Designation[],
): Designation[] {
  if (display === undefined) return [...others];
  const language = header.language === undefined ? {} : { language: header.language };
  return [{ ...language, use: PREFERRED, value: display }, ...others];
}

/** A code system's own display as a designation, for `$lookup`. */
export const ownDesignation = (header: SystemHeader, display: string): Designation =>
  withOwn(header, display, [])[0]!;

/** Definitions, abbreviations and the like are texts of other uses. */
const DISPLAY_USES: ReadonlySet<string> = new Set([
  'display',
  'preferredForLanguage',
  '900000000000003001',
  '900000000000013009',
]);

/**
 * Systems whose names may be shown, whatever they call them: LOINC's long and short ones (http://hl7.org/fhir/R4/loinc.html), and of RxNorm
 * all but synonyms (http://hl7.org/fhir/R4/rxnorm.html).
 */
const DISPLAY_SYSTEMS: ReadonlySet<string> = new Set([
  'http://loinc.org',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
]);
const SYNONYM = 'SY';

export const isDisplay = ({ use }: Designation): boolean =>
  use?.code === undefined ||
  DISPLAY_USES.has(use.code) ||
  (DISPLAY_SYSTEMS.has(use.system ?? '') && use.code !== SYNONYM);
