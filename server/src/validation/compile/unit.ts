import type { Definitions, TypeDefinition } from '../../fhir/definitions/types.ts';
import { FORMATS } from '../formats/formats.ts';
import * as uris from '../formats/uris.ts';
import { invariantBroken } from '../invariants/broken.ts';
import * as bindings from '../codes/bindings.ts';
import { askOwnCode } from '../codes/ownCode.ts';
import { createExtensionsCheck, type ExtensionsCheck } from '../extensions/checkExtensions.ts';
import { checkNarrative } from '../narrative/checkNarrative.ts';
import * as objects from '../objects.ts';
import { checkContainedCanonical, checkReference } from '../references/checkReference.ts';
import { checkAttachment } from '../resources/attachment.ts';
import * as contained from '../resources/contained.ts';
import { isObject, type ObjectCheck } from '../state.ts';
import * as values from '../values.ts';
import { typeCode } from './objects.ts';
import { codesOf } from './rules.ts';
import { constantName, newScope, type UnitScope, type Weaving } from './scope.ts';
import { identifier, quoted } from './source.ts';

/** What generated code may call. */
const LIBRARY = {
  ...objects,
  ...values,
  ...bindings,
  ...contained,
  ...uris,
  askOwnCode,
  isObject,
  invariantBroken,
  checkAttachment,
  checkNarrative,
  checkContainedCanonical,
  checkReference,
};

type Library = typeof LIBRARY & { checkExtensions: ExtensionsCheck };

type UnitFactory = (
  lib: Library,
  formats: Record<string, (value: unknown) => boolean>,
  types: Readonly<Record<string, ObjectCheck>>,
  constants: readonly unknown[],
) => Record<string, ObjectCheck>;

/**
 * The JavaScript source of the checks of some types that know each other. It is the body of a function of
 * (lib, formats, types, constants) which returns the checks by type name.
 *
 * @param definitions also of the types that are not in this unit
 */
export function unitSource(
  types: readonly TypeDefinition[],
  definitions: Definitions,
  weaving: Weaving = {},
): string {
  return sourceIn(newScope(definitions, weaving), types);
}

function sourceIn(scope: UnitScope, types: readonly TypeDefinition[]): string {
  const code = types.flatMap((type) => typeCode(scope, type));
  const own = types.map((type) => type.name);
  const imports = [...scope.usedTypes].filter((name) => !own.includes(name));
  return [
    `'use strict';`,
    ...[...scope.usedFormats].map((name) => `const ${identifier('is', name)} = formats[${quoted(name)}];`),
    ...imports.map((name) => `const ${identifier('check', name)} = types[${quoted(name)}];`),
    ...scope.constants.map((_, i) => `const ${constantName(i)} = constants[${i}];`),
    ...code,
    `return { ${own.map((name) => `${quoted(name)}: ${identifier('check', name)}`).join(', ')} };`,
  ].join('\n');
}

/** Turns the definitions of some types into functions that check objects of these types. */
export function compileUnit(
  types: readonly TypeDefinition[],
  definitions: Definitions,
  imported: Readonly<Record<string, ObjectCheck>>,
  weaving: Weaving,
): Record<string, ObjectCheck> {
  const scope = newScope(definitions, weaving);
  const source = sourceIn(scope, types);
  // The source is made by our own generator, in which every name from a definition is quoted or encoded.
  const factory = new Function('lib', 'formats', 'types', 'constants', source) as UnitFactory;
  const checks = Object.entries(FORMATS).map(([name, format]) => [name, format.check] as const);
  const checkExtensions = createExtensionsCheck(definitions, {
    ...weaving.extensions,
    codesOf: (url) => codesOf(definitions, url),
  });
  return factory({ ...LIBRARY, checkExtensions }, Object.fromEntries(checks), imported, scope.constants);
}
