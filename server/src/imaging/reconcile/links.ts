import type { ImagingStudy } from '@medplum/fhirtypes';
import { parseExact, type ParsedJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';

/** Whose a study is, and what it was made for. */
export type StudyLinks = Pick<
  ImagingStudy,
  'subject' | 'basedOn' | 'encounter' | 'referrer' | 'procedureCode'
>;

const LINKS = ['subject', 'basedOn', 'encounter', 'referrer', 'procedureCode'] as const;

/** Each of them, undefined where there is none. */
export const linksOf = (study: StudyLinks): StudyLinks =>
  Object.fromEntries(LINKS.map((name) => [name, study[name]])) as unknown as StudyLinks;

export const isSame = (one: StudyLinks, other: StudyLinks): boolean =>
  JSON.stringify(linksOf(one)) === JSON.stringify(linksOf(other));

/** A stored text with some of its members replaced; undefined takes one out. No digit of its numbers is lost. */
export function withMembers(content: string, members: Readonly<Record<string, unknown>>): ParsedJson {
  const value = replaced(JSON.parse(content) as Resource, members);
  return { value, exact: replaced(parseExact(content) as Resource, members) };
}

function replaced(resource: Resource, members: Readonly<Record<string, unknown>>): Resource {
  const entries = Object.entries({ ...resource, ...members }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Resource;
}
