import { nameWithType } from '../../fhir/definitions/elements.ts';
import { ANY_TYPE, type Definitions, type ExtensionContent } from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { BoundCodes } from '../codes/boundCodes.ts';
import { checkCoded, codeOutside } from '../codes/bindings.ts';
import type { Invariants } from '../invariants/createInvariants.ts';
import type { Profiles } from '../profiles/profile.ts';
import { isObject, type ValidationState } from '../state.ts';
import { coreUse, type ExtensionUse } from './extensionUse.ts';
import { LATER_EXTENSIONS } from './laterExtensions.ts';
import { ABSOLUTE, checkParts, reportPart } from './parts.ts';
import { createUseCheck, type ExtensionPlace } from './useCheck.ts';

const HL7_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/';
const EXTENSION_VALUE = 'value';

/** The items of `extension` or `modifierExtension` of `holder`, the object at `depth`; each is an object. */
export type ExtensionsCheck = (
  state: ValidationState,
  depth: number,
  name: string,
  extensions: readonly unknown[],
  parentPath: string,
  holder: JsonObject,
) => void;

/** What the check of extensions is made of. */
export interface ExtensionParts {
  /** The codes of a value set in memory. */
  codesOf(url: string): BoundCodes | undefined;
  /** Absent: what definitions say in FHIRPath is not asked. */
  expressions?: Pick<Invariants, 'testOf' | 'selectionOf'> | undefined;
  /** Definitions that are stored; absent: those of R4 are all. */
  profiles?: Pick<Profiles, 'extension'> | undefined;
}

/**
 * The rules about extensions that their type does not say (http://hl7.org/fhir/R4/extensibility.html): an absolute URL where they are not part of
 * another, and what their definitions ask for: place, count, type of the value, parts. Those that R4 does not have are looked at
 * where profiles are.
 */
export function createExtensionsCheck(
  definitions: Definitions,
  { codesOf, expressions, profiles }: ExtensionParts,
): ExtensionsCheck {
  const checkUse = createUseCheck(definitions, expressions);
  const coreUses = new Map<string, ExtensionUse>();

  return function checkExtensions(state, depth, name, extensions, parentPath, holder) {
    // Nothing is reported any more once there are enough issues.
    for (let index = 0; index < extensions.length && state.depthMax >= 0; index++) {
      const extension = extensions[index];
      if (!isObject(extension) || typeof extension.url !== 'string') continue;
      const place = { holder, depth, name, extensions, index, extension };
      const { url } = extension;
      if (!ABSOLUTE.test(url)) {
        if (parentPath !== 'Extension') relativeUrl(state, depth, name, index);
      } else if (!checkCore(state, place, url)) checkDefined(state, place, url);
    }
  };

  /** @returns false where R4 has no such extension */
  function checkCore(state: ValidationState, place: ExtensionPlace, url: string): boolean {
    if (!url.startsWith(HL7_EXTENSION)) return false;
    if (LATER_EXTENSIONS.has(url)) return true;
    const definition = definitions.extension(url);
    if (!definition) return false;
    let use = coreUses.get(url);
    if (!use) coreUses.set(url, (use = coreUse(definition)));
    checkUse(state, place, use);
    const { depth } = place;
    state.names[depth] = place.name;
    state.indexes[depth] = place.index;
    checkContent(state, depth + 1, place.extension, definition);
    return true;
  }

  /** By a definition that is stored: of a package, or anybody's. */
  function checkDefined(state: ValidationState, place: ExtensionPlace, url: string): void {
    const isOfHl7 = url.startsWith(HL7_EXTENSION);
    const { depth, name, index } = place;
    if (!profiles || !state.checksProfiles) {
      if (isOfHl7) askExistence(state, depth, name, index, url);
      return;
    }
    const defined = profiles.extension(url);
    if (defined === undefined) return state.needProfile(url);
    if (defined === 'unknown') {
      if (isOfHl7) state.report('extension-unknown', depth, name, index, NOT_OF_R4);
      else unknown(state, place);
      return;
    }
    if (defined.use === undefined) return state.report('extension-url', depth, name, index, NO_EXTENSION);
    checkUse(state, place, defined.use);
    state.names[depth] = name;
    state.indexes[depth] = index;
    defined.check(place.extension, state, depth + 1);
    state.names[depth] = name;
    state.indexes[depth] = index;
    checkParts(state, depth + 1, place.extension, defined.use.parts);
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
        reportPart(state, depth, i);
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

function relativeUrl(state: ValidationState, depth: number, name: string, index: number): void {
  const text = 'The url of an extension must be absolute: write the canonical of its definition.';
  state.report('extension-url', depth, name, index, text);
}

/** A URL of HL7's that R4 does not define: it may be in a package that is loaded. */
function askExistence(state: ValidationState, depth: number, name: string, index: number, url: string): void {
  state.askStructure(url, depth, name, index, (exists, report) => {
    if (!exists) report('extension-unknown', NOT_OF_R4);
  });
}

/** One that nobody knows may hold anything, but what it modifies may not be understood (http://hl7.org/fhir/R4/extensibility.html#modifierExtension). */
function unknown(state: ValidationState, { depth, name, index }: ExtensionPlace): void {
  if (name !== 'modifierExtension' || (state.mode !== 'strict' && !state.thorough)) return;
  const severity = state.mode === 'strict' ? 'error' : 'warning';
  state.report('extension-unknown', depth, name, index, UNKNOWN_MODIFIER, severity);
}

const NOT_OF_R4 =
  'HL7 defines no extension with this url in R4: correct it, or load the package that defines it.';
const NO_EXTENSION = 'The url is that of a definition, but not of an extension: write the canonical of one.';
const UNKNOWN_MODIFIER =
  'The definition of this modifier extension is not known here, so what it changes is not: load the package that has it.';

function partCount(state: ValidationState, depth: number, isMissing: boolean): void {
  const text = isMissing
    ? 'A part that the definition of this extension requires is missing: add it.'
    : 'A part of this extension stands more often than its definition allows: remove the others.';
  state.report('extension-part', depth, '', -1, text);
}
