import type { ImagingStudy, Reference } from '@medplum/fhirtypes';
import { parseExact, type ParsedJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';

/** Whose a study is, and what it was made for. */
export interface StudyLinks {
  subject: Reference;
  basedOn?: Reference[];
  encounter?: Reference;
}

export const linksOf = ({ subject, basedOn, encounter }: ImagingStudy): StudyLinks => ({
  subject,
  ...(basedOn && { basedOn }),
  ...(encounter && { encounter }),
});

export const isSame = (one: StudyLinks, other: StudyLinks): boolean =>
  JSON.stringify(linksOf(one as ImagingStudy)) === JSON.stringify(linksOf(other as ImagingStudy));

/** A stored text with some of its members replaced; undefined takes one out. No digit of its numbers is lost. */
export function withMembers(content: string, members: Readonly<Record<string, unknown>>): ParsedJson {
  const value = replaced(JSON.parse(content) as Resource, members);
  return { value, exact: replaced(parseExact(content) as Resource, members) };
}

function replaced(resource: Resource, members: Readonly<Record<string, unknown>>): Resource {
  const entries = Object.entries({ ...resource, ...members }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Resource;
}
