import { FhirError } from '../../fhir/outcome.ts';
import { decodePart } from '../../fhir/search/queryString.ts';
import { PolicyFault } from '../faults.ts';

/** Criteria with places for variables: a search of a type, decoded, not yet filled. */
export interface CriteriaTemplate {
  pairs: readonly TemplatePair[];
  /** Names of the variables in it. */
  variables: ReadonlySet<string>;
}

export interface TemplatePair {
  name: string;
  /** What stands between commas, each a row of parts. */
  alternatives: readonly (readonly TemplatePart[])[];
}

/** A text in the syntax of search values, escapes included; or a variable. */
export type TemplatePart = string | { variable: string; idOnly: boolean };

/** Longest criteria, in characters. */
export const CRITERIA_CHARS_MAX = 10_000;

/** Percent-encoded UTF-8: what looks like it is never a variable. */
const ENCODED =
  /%[0-7][\dA-F]|%[CD][\dA-F]%[89AB][\dA-F]|%E[\dA-F](?:%[89AB][\dA-F]){2}|%F[0-4](?:%[89AB][\dA-F]){3}/iy;
const VARIABLE = /%([A-Za-z_](?:[\w-]*\w)?)(\.id(?!\w))?/y;

/**
 * Reads `Observation?subject=%patient&code=a,b`: a search as in a URL, percent-encoded where that is needed, with variables in
 * its values.
 *
 * @param type that it must be of; `*` for rules about every type
 * @throws PolicyFault
 */
export function readTemplate(text: string, type: string): CriteriaTemplate {
  if (text.length > CRITERIA_CHARS_MAX) {
    throw new PolicyFault(`The criteria are longer than ${CRITERIA_CHARS_MAX} characters.`);
  }
  const mark = text.indexOf('?');
  if (mark < 0 || text.slice(0, mark) !== type) {
    throw new PolicyFault(`The criteria must be a search of the rule's type: begin them with '${type}?'.`);
  }
  const pairs = text
    .slice(mark + 1)
    .split('&')
    .map(readPair);
  return { pairs, variables: new Set(pairs.flatMap(variablesOf)) };
}

function readPair(text: string): TemplatePair {
  const equals = text.indexOf('=');
  if (equals < 1 || equals === text.length - 1) {
    throw new PolicyFault(
      "The criteria have a parameter without a name or a value: write 'name=value', or leave the criteria out where the rule is about all resources.",
    );
  }
  return {
    name: decoded(text.slice(0, equals)),
    alternatives: alternativesOf(valueParts(text.slice(equals + 1))),
  };
}

const variablesOf = ({ alternatives }: TemplatePair): string[] =>
  alternatives.flat().flatMap((part) => (typeof part === 'string' ? [] : [part.variable]));

function valueParts(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let start = 0;
  const takeText = (end: number) => {
    if (end > start) parts.push(decoded(text.slice(start, end)));
  };
  for (let at = text.indexOf('%'); at >= 0;) {
    ENCODED.lastIndex = VARIABLE.lastIndex = at;
    const encoded = ENCODED.exec(text);
    const variable = encoded ? null : VARIABLE.exec(text);
    let end = at + (encoded?.[0].length ?? 1);
    if (variable) {
      takeText(at);
      parts.push({ variable: variable[1]!, idOnly: variable[2] !== undefined });
      start = end = at + variable[0].length;
    }
    at = text.indexOf('%', end);
  }
  takeText(text.length);
  return parts;
}

function decoded(text: string): string {
  try {
    return decodePart(text.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new PolicyFault(
      'The criteria have a % that begins neither a variable nor percent-encoded UTF-8, or a NUL: write %25 for the sign itself; variables stand in values only.',
    );
  }
}

/** Splits at commas that are not escaped. */
function alternativesOf(parts: readonly TemplatePart[]): TemplatePart[][] {
  const alternatives: TemplatePart[][] = [[]];
  for (const part of parts) {
    if (typeof part !== 'string') {
      alternatives.at(-1)!.push(part);
      continue;
    }
    // A backslash at the end would escape the first character of the variable that follows.
    const texts = part.match(/(?:\\.|[^\\,])+|,|\\$/gs) ?? [];
    for (const text of texts) {
      if (text === '\\') throw new PolicyFault('The criteria have a backslash that escapes nothing.');
      if (text === ',') alternatives.push([]);
      else alternatives.at(-1)!.push(text);
    }
  }
  if (alternatives.some((one) => one.length === 0)) {
    throw new PolicyFault('The criteria have an empty value: leave out a comma that separates nothing.');
  }
  return alternatives;
}
