import { UCUM_SYSTEM } from '../../fhir/units/units.ts';
import type { TxIssue } from '../issue.ts';
import { isDisplay, speaks, type Languages } from '../languages.ts';
import type { Concept, SystemHeader } from '../model.ts';
import { extensionValue } from '../systems/readCodeSystem.ts';
import { alternatives } from '../valueSets/faults.ts';

const STANDARDS_STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';

interface Text {
  value: string;
  language?: string;
}

/** What a display is judged by. */
export interface DisplayQuestion {
  header: SystemHeader;
  concept: Concept;
  system: string;
  display: string;
  languages: Languages | undefined;
  /** A wrong display is worth a warning only. */
  isLenient: boolean;
  at: string;
}

const folded = (text: string): string => text.toLowerCase();
const collapsed = (text: string): string => folded(text).replace(/\s+/g, ' ').trim();

/** What is wrong with a display, or worth saying of it. */
export function displayIssues(question: DisplayQuestion): TxIssue[] {
  const { header, concept, display, languages, at } = question;
  const texts = textsOf(header, concept);
  const wanted = languages ? texts.filter((text) => isWanted(text, languages)) : texts;
  if (wanted.some(({ value }) => folded(value) === folded(display))) return [];
  // A unit is written by its code.
  if (header.url === UCUM_SYSTEM && display === concept.code) return [];
  const withdrawn = withdrawnTexts(concept).find((value) => folded(value) === folded(display));
  if (withdrawn !== undefined) return [inactiveDisplay(question, wanted)];
  if (wanted.length === 0) return [noneInLanguage(question)];
  const isBlankOnly = wanted.some(({ value }) => collapsed(value) === collapsed(display));
  const place = `${question.system}#${concept.code}`;
  const list = alternatives(wanted.map(({ value, language }) => `'${value}'${shown(language)}`));
  const choices = wanted.length === 1 ? list : `one of ${wanted.length} choices: ${list}`;
  const kind = isBlankOnly ? 'whitespace in Display Name' : 'Display Name';
  return [
    {
      severity: question.isLenient ? 'warning' : 'error',
      code: 'invalid',
      type: 'invalid-display',
      id: `Display_Name_${isBlankOnly ? 'WS_' : ''}for__should_be_one_of__instead_of`,
      text: `Wrong ${kind} '${display}' for ${place}. Valid display is ${choices} (for the language(s) '${languages?.text ?? '--'}')`,
      at,
    },
  ];
}

const shown = (language: string | undefined): string => (language === undefined ? '' : ` (${language})`);

function textsOf(header: SystemHeader, concept: Concept): Text[] {
  const language = header.language === undefined ? {} : { language: header.language };
  const own = concept.display === undefined ? [] : [{ value: concept.display, ...language }];
  const others = concept.designations.filter((one) => isDisplay(one) && !isWithdrawn(one.extension));
  const all: Text[] = [...own, ...others];
  return all.filter(
    (text, i) => all.findIndex((one) => one.value === text.value && one.language === text.language) === i,
  );
}

const isWithdrawn = (extension: unknown): boolean => {
  const status = extensionValue({ extension }, STANDARDS_STATUS);
  return status === 'withdrawn' || status === 'deprecated';
};

const withdrawnTexts = ({ designations }: Concept): string[] =>
  designations.filter((one) => isWithdrawn(one.extension)).map(({ value }) => value);

/** A text without a language is in any. */
const isWanted = ({ language }: Text, { tags }: Languages): boolean =>
  language === undefined || tags.some((tag) => speaks(language, tag));

function inactiveDisplay({ display, at }: DisplayQuestion, wanted: readonly Text[]): TxIssue {
  const list = alternatives(wanted.map(({ value }) => `"${value}"`));
  return {
    severity: 'warning',
    code: 'invalid',
    type: 'display-comment',
    id: 'INACTIVE_DISPLAY_FOUND',
    text: `'${display}' is no longer considered a correct display for code (status = withdrawn). The correct display is one of ${list}`,
    at,
  };
}

function noneInLanguage({ concept, system, display, languages, isLenient, at }: DisplayQuestion): TxIssue {
  const isOwn = concept.display !== undefined && folded(concept.display) === folded(display);
  const common = { code: 'invalid', at } as const;
  if (isOwn) {
    return {
      ...common,
      severity: 'information',
      type: 'display-comment',
      id: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK',
      text: `'${display}' is the default display; the code system ${system} has no Display Names for the language ${languages?.text}`,
    };
  }
  return {
    ...common,
    severity: isLenient ? 'warning' : 'error',
    type: 'invalid-display',
    id: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR',
    text: `Wrong Display Name '${display}' for ${system}#${concept.code}. There are no valid display names found for language(s) '${languages?.text}'. Default display is '${concept.display ?? ''}'`,
  };
}
