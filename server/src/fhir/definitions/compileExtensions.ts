import type { Bundle, ElementDefinition as FhirElement, StructureDefinition } from '@medplum/fhirtypes';
import { ANY_TYPE, type ExtensionContent, type ExtensionDefinition } from './types.ts';

const PREFIX = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Places where HL7's own definitions of R4 use extensions of which the definition does not say so: without them no
 * StructureDefinition of R4 would be one.
 */
const FURTHER_CONTEXTS: Readonly<Record<string, string[]>> = {
  [`${PREFIX}structuredefinition-fhir-type`]: ['ElementDefinition.type'],
  [`${PREFIX}regex`]: ['ElementDefinition.type'],
  [`${PREFIX}structuredefinition-fmm`]: ['DomainResource'],
  [`${PREFIX}structuredefinition-wg`]: ['DomainResource'],
  [`${PREFIX}structuredefinition-standards-status`]: ['DomainResource', 'ElementDefinition'],
  [`${PREFIX}structuredefinition-normative-version`]: ['DomainResource', 'ElementDefinition'],
};

/** Invariants of HL7's own extensions that say something else than the text of their definition: what this says. */
const CORRECTED_INVARIANTS: Readonly<Record<string, string>> = {
  // It tells what kind of display an item is.
  [`${PREFIX}questionnaire-displayCategory type!='display'`]: "type='display'",
  // An element is called `value` in FHIRPath, whatever its type.
  [`${PREFIX}questionnaire-minOccurs type!='display' and (required=true or %extension.valueInteger=0)`]:
    "type!='display' and (required=true or %extension.value=0)",
  [`${PREFIX}questionnaire-maxOccurs type!='display' and (repeats=true or %extension.valueInteger=1)`]:
    "type!='display' and (repeats=true or %extension.value=1)",
};

/** Extensions of R4 that the npm package leaves out: how the value of a primitive is written in each format. */
const LEFT_OUT: readonly ExtensionDefinition[] = ['json', 'rdf', 'xml'].map((format) => ({
  url: `${PREFIX}structuredefinition-${format}-type`,
  max: 1,
  contexts: ['ElementDefinition.type', 'ElementDefinition.type.code'],
  types: ['string'],
  parts: [],
}));

/**
 * Extensions that HL7 has given to R4 after its publication (in its extensions package) and that implementation guides of R4
 * use. Their definitions are no part of R4, so what they hold is not looked at.
 */
const LATER: readonly ExtensionDefinition[] = [
  'additional-identifier alternate-canonical alternate-codes alternate-reference annotationType artifact-author',
  'artifact-contact artifact-editor artifact-endorser artifact-relatedArtifact artifact-releaseDescription',
  'artifact-releaseLabel artifact-reviewer artifact-topic artifact-usage artifact-version datatype event-location',
  'extended-contact-availability individual-genderIdentity individual-pronouns individual-recordedSexOrGender itemWeight',
  'note obligation package-source patient-sexParameterForClinicalUse preferredTerminologyServer',
  'structuredefinition-compliesWithProfile structuredefinition-imposeProfile targetElement targetPath uncertainDate',
  'elementdefinition-type-must-support implementationguide-page operationoutcome-issue-col operationoutcome-issue-line',
  'operationoutcome-issue-server operationoutcome-message-id operationoutcome-issue-slicetext',
]
  .flatMap((names) => names.split(' '))
  .map((name) => ({ url: PREFIX + name, max: -1, contexts: [], types: [ANY_TYPE], parts: [] }));

/**
 * HL7's own extensions, by URL.
 *
 * @param bundle extension-definitions.json
 */
export function compileExtensions(bundle: Bundle): Record<string, ExtensionDefinition> {
  const definitions = (bundle.entry ?? [])
    .map((entry) => entry.resource)
    .filter((resource) => resource?.resourceType === 'StructureDefinition')
    .filter(({ type, derivation }) => type === 'Extension' && derivation === 'constraint')
    .map(compileExtension);
  return Object.fromEntries(
    [...LEFT_OUT, ...LATER, ...definitions].map((definition) => [definition.url, definition]),
  );
}

function compileExtension(source: StructureDefinition): ExtensionDefinition {
  const elements = source.snapshot?.element ?? [];
  const [root] = elements;
  if (!source.url || !root) throw new Error(`The extension ${source.id} has no url or snapshot`);
  const contexts = (source.context ?? [])
    .filter(({ type }) => type === 'element')
    .map(({ expression }) => expression ?? '');
  const { url, contextInvariant = [] } = source;
  const invariants = contextInvariant.map((text) => CORRECTED_INVARIANTS[`${url} ${text}`] ?? text);
  return {
    url,
    max: upperBound(root),
    contexts: [...contexts, ...(FURTHER_CONTEXTS[url] ?? [])],
    isModifier: root.isModifier === true,
    ...(invariants.length > 0 ? { invariants } : {}),
    ...contentOf('Extension', elements),
  };
}

/** What stands below the extension with this element id. */
function contentOf(id: string, elements: readonly FhirElement[]): ExtensionContent {
  const value = elements.find((element) => element.id === `${id}.value[x]`);
  const isAllowed = value !== undefined && value.max !== '0';
  const content: ExtensionContent = {
    types: isAllowed ? (value.type ?? []).map(({ code }) => code ?? '') : [],
    parts: elements.filter((element) => isPart(element, id)).map((element) => partOf(element, elements)),
  };
  if (value?.binding?.strength === 'required' && isAllowed) {
    content.requiredValueSet = value.binding.valueSet?.replace(/\|.*$/, '') ?? '';
  }
  return content;
}

function isPart({ id = '' }: FhirElement, parent: string): boolean {
  return id.startsWith(`${parent}.extension:`) && !id.slice(parent.length + 1).includes('.');
}

function partOf(
  element: FhirElement,
  elements: readonly FhirElement[],
): ExtensionDefinition['parts'][number] {
  const id = element.id ?? '';
  const url = elements.find((candidate) => candidate.id === `${id}.url`)?.fixedUri;
  // A part that is an extension of its own is named by its profile.
  const profile = element.type?.[0]?.profile?.[0];
  if (url === undefined && profile === undefined)
    throw new Error(`The part ${id} of an extension has no url`);
  const bounds = { min: element.min ?? 0, max: upperBound(element) };
  if (url === undefined) return { url: profile!, ...bounds, types: [], parts: [] };
  return { url, ...bounds, ...contentOf(id, elements) };
}

function upperBound({ max }: FhirElement): number {
  return max === '*' || max === undefined ? -1 : Number(max);
}
