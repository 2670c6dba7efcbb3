import type { JsonObject } from '../../fhir/resource.ts';
import { displayIn, type Languages } from '../languages.ts';
import type { Concept, Designation } from '../model.ts';
import { statusOf } from '../systems/conceptFacts.ts';
import { isMemberAbstract, isMemberInactive, withListed, type Member } from './members.ts';

const FHIR_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/';
/** R5's elements for properties, as R4 carries them (http://hl7.org/fhir/R5/versions.html#extensions). */
const PROPERTY = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property';
const PROPERTY_DEFINITION =
  'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property';
const CONCEPT_PROPERTIES = 'http://hl7.org/fhir/concept-properties#';

/** Extensions of concepts that go into an expansion as they are. */
const ECHOED: ReadonlySet<string> = new Set(
  [
    'rendering-style',
    'rendering-xhtml',
    'codesystem-alternate',
    'valueset-concept-definition',
    'valueset-deprecated',
    'coding-sctdescid',
  ].map((name) => FHIR_EXTENSION + name),
);
/** Further ones of what a value set itself says of a code; of a code system's concept they are its status. */
const ECHOED_OF_LISTED: ReadonlySet<string> = new Set(
  ['structuredefinition-standards-status', 'valueset-supplement'].map((name) => FHIR_EXTENSION + name),
);
/** Extensions that are properties of R5: by their URLs, the code and the name of the property. */
const AS_PROPERTIES: ReadonlyMap<string, { code: string; uri: string; element: string }> = new Map(
  (
    [
      ['codesystem-label', 'label', 'label', 'valueString'],
      ['valueset-label', 'label', 'label', 'valueString'],
      ['codesystem-conceptOrder', 'order', 'order', 'valueDecimal'],
      ['valueset-conceptOrder', 'order', 'order', 'valueDecimal'],
      ['itemWeight', 'weight', 'itemWeight', 'valueDecimal'],
    ] as const
  ).map(([name, code, property, element]) => [
    FHIR_EXTENSION + name,
    { code, uri: CONCEPT_PROPERTIES + property, element },
  ]),
);

export interface ContainsSettings {
  languages?: Languages;
  includeDesignations: boolean;
  /** `system|code` of uses, or languages as `urn:ietf:bcp:47|de`, either also by its code alone; empty: all. */
  designations: readonly string[];
  /** Codes of the properties that are wanted; `*`: all that a concept has. */
  properties: readonly string[];
  /** Systems of which several versions are in the expansion: then each code tells its own. */
  versioned: ReadonlySet<string>;
}

/** Makes the `contains` of an expansion and notes which properties they have (http://hl7.org/fhir/R4/valueset.html#expansion). */
export class ContainsWriter {
  readonly #settings: ContainsSettings;
  readonly #properties = new Map<string, string | undefined>();

  constructor(settings: ContainsSettings) {
    this.#settings = settings;
  }

  write(member: Member): JsonObject {
    const { content, system, version } = member;
    const concept = withListed(member.concept, member.listed);
    const extensions = [...concept.extensions, ...(member.listed?.extensions ?? [])];
    const header = content?.header ?? NO_HEADER;
    const shown = displayIn(header, concept, this.#settings.languages);
    const designation = this.#settings.includeDesignations ? this.#designations(shown.designations) : [];
    const properties = this.#propertiesOf(member, extensions);
    const listed = member.listed?.extensions ?? [];
    const extension = [
      ...extensions.filter(({ url }) => ECHOED.has(String(url))),
      ...listed.filter(({ url }) => ECHOED_OF_LISTED.has(String(url))),
      ...properties,
    ];
    return {
      ...(extension.length > 0 && { extension }),
      system,
      ...(isMemberAbstract(member) && { abstract: true }),
      ...(isMemberInactive(member) && { inactive: true }),
      ...(version !== undefined && this.#settings.versioned.has(system) && { version }),
      code: concept.code,
      ...(shown.display !== undefined && { display: shown.display }),
      ...(designation.length > 0 && { designation }),
    };
  }

  /** What the expansion says of the properties that its codes have. */
  propertyDefinitions(): JsonObject[] {
    return [...this.#properties].map(([code, uri]) => ({
      url: PROPERTY_DEFINITION,
      extension: [
        { url: 'code', valueCode: code },
        ...(uri === undefined ? [] : [{ url: 'uri', valueUri: uri }]),
      ],
    }));
  }

  #designations(all: readonly Designation[]): JsonObject[] {
    const { designations: wanted } = this.#settings;
    const isWanted = (one: Designation) => wanted.length === 0 || wanted.some((token) => isNamed(one, token));
    return all.filter(isWanted).map(({ language, use, value, extension }) => ({
      ...(extension && { extension }),
      ...(language !== undefined && { language }),
      ...(use && { use }),
      value,
    }));
  }

  #propertiesOf({ content, concept }: Member, extensions: readonly JsonObject[]): JsonObject[] {
    const found = new Map<string, JsonObject>();
    const add = (code: string, uri: string | undefined, element: string, value: unknown) => {
      this.#properties.set(code, this.#properties.get(code) ?? uri);
      const parts = [
        { url: 'code', valueCode: code },
        { url: 'value', [element]: value },
      ];
      found.set(`${code} ${uri === undefined || this.#isOwn(code) ? found.size : ''}`, {
        url: PROPERTY,
        extension: parts,
      });
    };
    for (const extension of extensions) {
      const as = AS_PROPERTIES.get(String(extension.url));
      const key = as && Object.keys(extension).find((name) => name.startsWith('value'));
      if (as && key !== undefined) add(as.code, as.uri, as.element, extension[key]);
    }
    if (!content) return [...found.values()];
    const { header } = content;
    const status = statusOf(header, concept);
    if (status !== undefined && status !== 'active')
      add('status', `${CONCEPT_PROPERTIES}status`, 'valueCode', status);
    const wanted = this.#settings.properties;
    const all = wanted.includes('*') ? [...wanted, ...concept.properties.map((one) => one.code)] : wanted;
    for (const code of new Set(all)) {
      if (code === 'status' && status !== undefined && status !== 'active') continue;
      const uri = header.properties.find((one) => one.code === code)?.uri;
      for (const { element, value } of requested(concept, code))
        add(code, uri ?? (OWN.has(code) ? CONCEPT_PROPERTIES + code : undefined), element, value);
    }
    return [...found.values()];
  }

  /** Whether a property was asked for, and may repeat. */
  #isOwn(code: string): boolean {
    return this.#settings.properties.some((one) => one === code || one === '*');
  }
}

const OWN: ReadonlySet<string> = new Set(['definition', 'parent', 'child']);
const NO_HEADER = {
  url: '',
  caseSensitive: true,
  content: 'not-present',
  properties: [],
  isHierarchical: false,
  supplements: [],
} as const;

function requested(concept: Concept, code: string): { element: string; value: unknown }[] {
  const codes = (values: readonly string[]) => values.map((value) => ({ element: 'valueCode', value }));
  if (code === 'definition')
    return concept.definition === undefined ? [] : [{ element: 'valueString', value: concept.definition }];
  const own = concept.properties.filter((one) => one.code === code);
  if (own.length > 0) return own;
  if (code === 'parent') return codes(concept.parents);
  if (code === 'child') return codes(concept.children);
  return [];
}

/** Whether a token, `system|code` or `code`, names the language of a designation, or what it is used for. */
function isNamed({ language, use }: Designation, token: string): boolean {
  const at = token.lastIndexOf('|');
  const [system, code] = at < 0 ? [undefined, token] : [token.slice(0, at), token.slice(at + 1)];
  if ((system === undefined || system === LANGUAGES) && language?.toLowerCase() === code.toLowerCase())
    return true;
  return use?.code === code && (system === undefined || system === use.system);
}

const LANGUAGES = 'urn:ietf:bcp:47';
