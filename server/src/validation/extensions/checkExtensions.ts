import { nameWithType } from '../../fhir/definitions/elements.ts';
import {
  ANY_TYPE,
  type Definitions,
  type ExtensionContent,
  type ExtensionDefinition,
} from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { BoundCodes } from '../codes/boundCodes.ts';
import { checkCoded, codeOutside } from '../codes/bindings.ts';
import { isObject, type ValidationState } from '../state.ts';
import { LATER_EXTENSIONS } from './laterExtensions.ts';
import { placeNames } from './place.ts';

const HL7_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/';
/** Absolute: a scheme and something after it. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:./i;
const EXTENSION_VALUE = 'value';

/** The items of `extension` or `modifierExtension` of the object at `depth`, each of which is an object. */
export type ExtensionsCheck = (
  state: ValidationState,
  depth: number,
  name: string,
  extensions: readonly unknown[],
  parentPath: string,
) => void;

/**
 * The rules about extensions that their type does not say (http://hl7.org/fhir/R4/extensibility.html): an absolute URL where they are not part of
 * another, and what HL7's own definitions ask for: place, count, type of the value, parts.
 *
 * @param codesOf the codes of a value set in memory
 */
export function createExtensionsCheck(
  definitions: Definitions,
  codesOf: (url: string) => BoundCodes | undefined,
): ExtensionsCheck {
  return function checkExtensions(state, depth, name, extensions, parentPath) {
    // Nothing is reported any more once there are enough issues.
    for (let i = 0; i < extensions.length && state.depthMax >= 0; i++) {
      const extension = extensions[i];
      if (!isObject(extension) || typeof extension.url !== 'string') continue;
      const { url } = extension;
      if (parentPath !== 'Extension' && !ABSOLUTE.test(url)) relativeUrl(state, depth, name, i);
      else if (url.startsWith(HL7_EXTENSION)) checkKnown(state, depth, name, i, extensions, extension, url);
    }
  };

  function checkKnown(
    state: ValidationState,
    depth: number,
    name: string,
    index: number,
    extensions: readonly unknown[],
    extension: JsonObject,
    url: string,
  ): void {
    if (LATER_EXTENSIONS.has(url)) return;
    const definition = definitions.extension(url);
    if (!definition) return unknown(state, depth, name, index, url);
    if (definition.max === 1 && isRepeated(extensions, index, url)) {
      const text = 'This extension may stand only once at an element: remove the others.';
      state.report('extension-count', depth, name, index, text);
    }
    if (!isInContext(state, depth, definition)) {
      const text = `This extension may not stand here: its definition allows it at ${definition.contexts.join(', ')}.`;
      state.report('extension-context', depth, name, index, text);
    }
    state.names[depth] = name;
    state.indexes[depth] = index;
    checkContent(state, depth + 1, extension, definition);
  }

  function isInContext(state: ValidationState, depth: number, { contexts }: ExtensionDefinition): boolean {
    if (contexts.length === 0 || contexts.includes('Element')) return true;
    const names = placeNames(definitions, state, depth);
    // A place that cannot be named has been reported already.
    return names.size === 0 || contexts.some((context) => names.has(context));
  }

  /** The object at `depth` is an extension, or a part of one, with this content. */
  function checkContent(
    state: ValidationState,
    depth: number,
    extension: JsonObject,
    content: ExtensionContent,
  ): void {
    if (content.types.includes(ANY_TYPE)) return;
    checkValue(state, depth, extension, content);
    const { parts } = content;
    const inner = Array.isArray(extension.extension) ? extension.extension.filter(isObject) : [];
    for (const part of parts) {
      const found = inner.filter(({ url }) => url === part.url);
      if (found.length < part.min || (part.max >= 0 && found.length > part.max)) {
        partCount(state, depth, found.length < part.min);
      }
    }
    inner.forEach((item, i) => {
      const part = parts.find(({ url }) => url === item.url);
      if (part && (part.types.length > 0 || part.parts.length > 0)) {
        state.names[depth] = 'extension';
        state.indexes[depth] = i;
        checkContent(state, depth + 1, item, part);
      } else if (!part && typeof item.url === 'string' && !ABSOLUTE.test(item.url)) {
        const text = 'The definition of this extension has no such part: correct the url or remove it.';
        state.report('extension-part', depth, 'extension', i, text);
      }
    });
  }

  function checkValue(
    state: ValidationState,
    depth: number,
    extension: JsonObject,
    { types, requiredValueSet }: ExtensionContent,
  ): void {
    const used = Object.keys(extension).find((key) => key.startsWith(EXTENSION_VALUE));
    if (used === undefined) return;
    const element = { name: EXTENSION_VALUE, choice: true } as Parameters<typeof nameWithType>[0];
    if (!types.some((type) => nameWithType(element, type) === used)) {
      const advice = types.length > 0 ? `use ${types.join(' or ')}` : 'put it in the parts of the extension';
      const text = `The definition of this extension does not allow a value of this type: ${advice}.`;
      return state.report('extension-value-type', depth, EXTENSION_VALUE, -1, text);
    }
    const codes = requiredValueSet === undefined ? undefined : codesOf(requiredValueSet);
    const value = extension[used];
    if (!codes) return;
    if (typeof value === 'string' && !codes.hasCode(value)) {
      codeOutside(state, depth, EXTENSION_VALUE, -1, codes);
    } else checkCoded(state, depth, EXTENSION_VALUE, -1, value, codes);
  }
}

function isRepeated(extensions: readonly unknown[], index: number, url: string): boolean {
  for (let i = 0; i < index; i++) {
    const other = extensions[i];
    if (isObject(other) && other.url === url) return true;
  }
  return false;
}

function relativeUrl(state: ValidationState, depth: number, name: string, index: number): void {
  const text = 'The url of an extension must be absolute: write the canonical of its definition.';
  state.report('extension-url', depth, name, index, text);
}

/** A URL of HL7's that R4 does not define: it may be in a package that is loaded. */
function unknown(state: ValidationState, depth: number, name: string, index: number, url: string): void {
  state.askStructure(url, depth, name, index, (exists, report) => {
    const text =
      'HL7 defines no extension with this url in R4: correct it, or load the package that defines it.';
    if (!exists) report('extension-unknown', text);
  });
}

function partCount(state: ValidationState, depth: number, isMissing: boolean): void {
  const text = isMissing
    ? 'A part that the definition of this extension requires is missing: add it.'
    : 'A part of this extension stands more often than its definition allows: remove the others.';
  state.report('extension-part', depth, '', -1, text);
}
