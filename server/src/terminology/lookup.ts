import { TerminologyError } from './issue.ts';
import { displayIn, ownDesignation, speaks, type Languages } from './languages.ts';
import type { CodeSystemContent, Coding, Concept, Designation } from './model.ts';
import type { LibraryView } from './resources/libraryView.ts';
import { isAbstract, isInactive } from './systems/conceptFacts.ts';
import { unknownSystem } from './valueSets/faults.ts';

export interface LookupRequest {
  coding: Coding;
  /** Codes of properties; empty: those that the specification gives by default. */
  properties: readonly string[];
  languages?: Languages;
  supplements: readonly string[];
}

interface Part {
  name: string;
  [value: string]: unknown;
}

/** `CodeSystem/$lookup` (http://hl7.org/fhir/R4/codesystem-operation-lookup.html): the parameters of its answer. */
export async function lookup(view: LibraryView, request: LookupRequest): Promise<Part[]> {
  const { system = '', version, code = '' } = request.coding;
  const content = await view.system(system, version, request.supplements);
  if (!content) {
    const versions = await view.systemVersions(system);
    throw unknownSystem(system, version, versions, 'so the code cannot be looked up');
  }
  const concept = await content.find(code);
  if (!concept) throw unknownCode(content, code);
  const { header } = content;
  const { display } = displayIn(header, concept, request.languages);
  const shown = display ?? concept.display ?? concept.code;
  const wants = (name: string) => isWanted(request.properties, name);
  return [
    { name: 'name', valueString: header.name ?? header.title ?? header.url },
    ...(header.version === undefined ? [] : [{ name: 'version', valueString: header.version }]),
    { name: 'display', valueString: shown },
    { name: 'code', valueCode: concept.code },
    { name: 'system', valueUri: header.url },
    { name: 'abstract', valueBoolean: isAbstract(header, concept) },
    ...(concept.definition !== undefined && wants('definition')
      ? [{ name: 'definition', valueString: concept.definition }]
      : []),
    ...designationParts(content, concept, request.properties),
    ...(await propertyParts(content, concept, wants)),
    ...header.supplements.map((valueCanonical) => ({ name: 'used-supplement', valueCanonical })),
  ];
}

/** What is told of a concept unless something else is asked for. */
const BY_DEFAULT: ReadonlySet<string> = new Set(['definition', 'designation', 'parent', 'child', 'inactive']);

function isWanted(properties: readonly string[], name: string): boolean {
  if (properties.includes('*')) return true;
  return properties.length === 0 ? BY_DEFAULT.has(name) : properties.includes(name);
}

/** All of them, or those of the languages that are asked for as `lang.de`. */
function designationParts(
  { header }: CodeSystemContent,
  concept: Concept,
  properties: readonly string[],
): Part[] {
  const own = concept.display === undefined ? [] : [ownDesignation(header, concept.display)];
  const tags = properties.flatMap((name) => /^lang\.(.+)$/.exec(name)?.[1] ?? []);
  const areAllWanted = isWanted(properties, 'designation');
  return [...own, ...concept.designations]
    .filter(({ language }) => areAllWanted || tags.some((tag) => speaks(language, tag)))
    .map((one) => ({ name: 'designation', part: partsOf(one) }));
}

function partsOf({ language, use, value, source }: Designation): Part[] {
  return [
    ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
    ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
    { name: 'value', valueString: value },
    ...(source === undefined ? [] : [{ name: 'source', valueCanonical: source }]),
  ];
}

async function propertyParts(
  content: CodeSystemContent,
  concept: Concept,
  wants: (name: string) => boolean,
): Promise<Part[]> {
  const property = (code: string, value: Part, description?: string): Part => ({
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
      value,
    ],
  });
  const parts: Part[] = [];
  for (const [name, codes] of [
    ['parent', concept.parents],
    ['child', concept.children],
  ] as const) {
    if (!wants(name)) continue;
    for (const code of codes) {
      const other = await content.find(code);
      parts.push(property(name, { name: 'value', valueCode: code }, other?.display));
    }
  }
  const own = concept.properties.filter(({ code }) => wants(code) && !NEIGHBOURS.has(code));
  for (const { code, element, value } of own) parts.push(property(code, { name: 'value', [element]: value }));
  if (wants('inactive') && !own.some(({ code }) => code === 'inactive')) {
    const inactive = isInactive(content.header, concept);
    parts.push(property('inactive', { name: 'value', valueBoolean: inactive }));
  }
  return parts;
}

const NEIGHBOURS: ReadonlySet<string> = new Set(['parent', 'child']);

/** A code that is asked about and does not exist (http://hl7.org/fhir/R4/codesystem-operation-lookup.html). */
export function unknownCode({ header: { url, version } }: CodeSystemContent, code: string): TerminologyError {
  return new TerminologyError('not-found', {
    severity: 'error',
    code: 'not-found',
    type: 'invalid-code',
    id: version === undefined ? 'Unknown_Code_in' : 'Unknown_Code_in_Version',
    text: `Unknown code '${code}' in the CodeSystem '${url}'${version === undefined ? '' : ` version '${version}'`}`,
  });
}
