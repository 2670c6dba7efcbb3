import type { Random } from '../../acceptance/support/mutations/random.ts';

export const TYPES = ['Patient', 'Observation', 'Condition', 'Basic'] as const;
export type TypeName = (typeof TYPES)[number];

export const SHARED_IDS = 4;

const MARK = 'urn:maxray:fault';
const NAME = 'urn:maxray:name';
const PERSON = 'urn:maxray:person';

/** What must come back as it was sent: digits of decimals, characters of all planes, nothing normalized. */
const TEXTS = ['Müller', 'O\u0301 Brien', '山田太郎', 'a "quoted" \\ name', '𝔘nicode 🩻', 'plain'];
const DECIMALS = ['1.50', '0.10', '1e-7', '120', '37.0000', '9007199254740993'];

const identifierOf = (system: string, value: string) =>
  `{"system":"${system}","value":${JSON.stringify(value)}}`;

/**
 * Members of a resource without resourceType, id and meta, as JSON text in the order and spelling that is kept.
 *
 * @param id by which it can be asked for, too, if it has one that clients choose
 */
export function contentOf(type: TypeName, id: string | undefined, mark: string, random: Random): string {
  const own = id === undefined ? '' : `,${identifierOf(NAME, id)}`;
  const identifier = `"identifier":[${identifierOf(MARK, mark)}${own}]`;
  const text = JSON.stringify(random.pick(TEXTS));
  const subject = `"subject":{"reference":"Patient/shared-${random.below(SHARED_IDS)}"}`;
  switch (type) {
    case 'Patient':
      return `${identifier},"name":[{"family":${text}}],"birthDate":"19${10 + random.below(90)}-01-01"`;
    case 'Observation':
      return `${identifier},"status":"final","code":{"text":${text}},${subject},"effectiveDateTime":"2024-0${1 + random.below(9)}-01","valueQuantity":{"value":${random.pick(DECIMALS)},"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`;
    case 'Condition':
      return `${identifier},"code":{"coding":[{"system":"urn:codes","code":"c${random.below(20)}"}]},${subject},"recordedDate":"2023-05-0${1 + random.below(9)}"`;
    case 'Basic':
      return `${identifier},"code":{"text":${text}},"created":"2022"`;
  }
}

/** The same with references by criteria, which become those that it is stored with. */
export const byCriteria = (content: string): string =>
  content.replace(/"Patient\/(shared-\d+)"/, `"Patient?identifier=${NAME}|$1"`);

/** What asks for a resource by the name that its content has. */
export const nameCriteria = (key: string): string => `identifier=${NAME}|${key.split('/')[1]}`;
/** What asks for the resource that a write made. */
export const markCriteria = (mark: string): string => `identifier=${MARK}|${mark}`;

export const personContent = (person: string, mark: string): string =>
  `"identifier":[${identifierOf(MARK, mark)},${identifierOf(PERSON, person)},${identifierOf(PERSON, `${person}other`)}],"name":[{"family":"${person}"}],"managingOrganization":{"reference":"Organization/${person}"}`;

/** Ways of asking for a person. */
export const personCriteria = (person: string): string[] => [
  `identifier=${PERSON}|${person}`,
  `identifier=${person}`,
  `identifier=${PERSON}|${person}other`,
  `identifier=${PERSON}|${person}&identifier=${person}other`,
  `identifier=${person}other,${person}`,
  `identifier=${person}&family=${person}`,
  `family:exact=${person}`,
  `_filter=identifier eq ${person}`,
  `organization=Organization/${person}`,
];

/** A reference to whoever is the person: the id is the server's. */
export const personReference = (person: string): string => `Patient/{${person}}`;
/** The content with the ids of the persons that it refers to. */
export const withPersons = (content: string, idOf: (person: string) => string | undefined): string =>
  content.replace(/\{(person-\d+-)\}/g, (whole, person: string) => idOf(person) ?? whole);

export const resourceText = (type: string, id: string | undefined, content: string): string =>
  `{"resourceType":"${type}",${id === undefined ? '' : `"id":"${id}",`}${content}}`;

/** A patch that adds a mark, as JSON Patch. */
export const jsonPatch = (mark: string): string =>
  `[{"op":"add","path":"/identifier/-","value":${identifierOf(MARK, mark)}}]`;

/** The same as FHIRPath Patch. */
export const fhirPathPatch = (type: string, mark: string): string =>
  `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"${type}"},{"name":"name","valueString":"identifier"},{"name":"value","valueIdentifier":${identifierOf(MARK, mark)}}]}]}`;

/** What content becomes by such a patch; identifiers stand first in it. */
export const patched = (content: string, mark: string): string =>
  content.replace(']', `,${identifierOf(MARK, mark)}]`);

const STAMP_LENGTH = '2000-01-01T00:00:00.000Z'.length;

/** The content in the stored text of a version; undefined where the text does not begin as it must. */
export function contentIn(text: string, key: string, version: number): string | undefined {
  const [type, id] = key.split('/');
  const head = `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}","lastUpdated":"`;
  const rest = text.slice(head.length + STAMP_LENGTH);
  return text.startsWith(head) && rest.startsWith('"},') && rest.endsWith('}')
    ? rest.slice(3, -1)
    : undefined;
}

/** The mark of the last write that a text comes from. */
export const markIn = (text: string | undefined): string | undefined => text?.match(/mark-\d+-/g)?.at(-1);
/** The person that a text is about. */
export const personIn = (text: string | undefined): string | undefined =>
  new RegExp(`"${PERSON}","value":"(person-\\d+-)"`).exec(text ?? '')?.[1];
