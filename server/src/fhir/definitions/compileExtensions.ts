import type { Bundle, ElementDefinition as FhirElement, StructureDefinition } from '@medplum/fhirtypes';
import type { ExtensionContent, ExtensionDefinition } from './types.ts';

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
  return Object.fromEntries(definitions.map((definition) => [definition.url, definition]));
}

function compileExtension(source: StructureDefinition): ExtensionDefinition {
  const elements = source.snapshot?.element ?? [];
  const [root] = elements;
  if (!source.url || !root) throw new Error(`The extension ${source.id} has no url or snapshot`);
  return {
    url: source.url,
    max: upperBound(root),
    contexts: (source.context ?? [])
      .filter(({ type }) => type === 'element')
      .map(({ expression }) => expression ?? ''),
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
