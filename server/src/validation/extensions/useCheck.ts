import type { Definitions } from '../../fhir/definitions/types.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import type { Invariant } from '../invariants/invariant.ts';
import type { Invariants } from '../invariants/createInvariants.ts';
import { isObject, type ValidationState } from '../state.ts';
import { contextTest, type ContextTest } from './contexts.ts';
import type { ExtensionUse } from './extensionUse.ts';
import { placeAt } from './place.ts';

/** One of the extensions of an element. */
export interface ExtensionPlace {
  /** The element, or what stands beside a primitive. */
  holder: JsonObject;
  /** Depth of the holder. */
  depth: number;
  /** `extension` or `modifierExtension`. */
  name: string;
  extensions: readonly unknown[];
  index: number;
  extension: JsonObject;
}

/** What must hold for the element that has an extension, and how it is written. */
interface PlaceInvariant {
  text: string;
  test: Invariant['test'];
}

export type UseCheck = (state: ValidationState, place: ExtensionPlace, use: ExtensionUse) => void;

/** Whether an extension stands where, how often and as its definition allows. */
export function createUseCheck(
  definitions: Definitions,
  expressions: Pick<Invariants, 'testOf' | 'selectionOf'> | undefined,
): UseCheck {
  /** By the definition, so that they go with it. */
  const contexts = new WeakMap<ExtensionUse, ContextTest>();
  const invariants = new WeakMap<ExtensionUse, Map<string, PlaceInvariant[]>>();

  function contextOf(use: ExtensionUse): ContextTest {
    let test = contexts.get(use);
    if (!test) contexts.set(use, (test = contextTest(use.contexts, expressions)));
    return test;
  }

  function invariantsOf(use: ExtensionUse, shape: string): readonly PlaceInvariant[] {
    let byShape = invariants.get(use);
    if (!byShape) invariants.set(use, (byShape = new Map()));
    let tests = byShape.get(shape);
    if (!tests) {
      const key = 'an invariant about where an extension stands';
      tests = use.invariants.flatMap((text) => {
        const test = expressions?.testOf(text, shape, key);
        return test ? [{ text, test }] : [];
      });
      byShape.set(shape, tests);
    }
    return tests;
  }

  return function checkUse(state, at, use) {
    const { depth, name, index, extension, holder } = at;
    if (use.max === 1 && isRepeated(at)) {
      state.report('extension-count', depth, name, index, REPEATED);
    }
    if (use.isModifier !== undefined && use.isModifier !== (name === MODIFIERS)) {
      state.report('extension-modifier', depth, name, index, use.isModifier ? NO_MODIFIER : MODIFIER);
    }
    if (use.contexts.length === 0 && use.invariants.length === 0) return;
    const place = placeAt(definitions, state, depth);
    if (!place) return;
    if (use.contexts.length > 0 && !contextOf(use)(state, holder, place)) {
      const allowed = use.contexts.map(({ expression }) => expression).join(', ');
      const text = `This extension may not stand here: its definition allows it at ${allowed}.`;
      state.report('extension-context', depth, name, index, text);
    }
    for (const { text, test } of invariantsOf(use, place.shape)) {
      if (test(holder, state, depth, extension) !== false) continue;
      const why = `This extension may not stand here: by its definition (contextInvariant) this must hold for the element: ${text}`;
      state.report('extension-context', depth, name, index, why);
    }
  };
}

const MODIFIERS = 'modifierExtension';
const REPEATED = 'This extension may stand only once at an element: remove the others.';
const MODIFIER = 'This extension does not change the meaning of its element: put it into extension.';
const NO_MODIFIER =
  'This extension changes the meaning of its element: put it into modifierExtension, where that is allowed.';

function isRepeated({ extensions, index, extension }: ExtensionPlace): boolean {
  for (let i = 0; i < index; i++) {
    const other = extensions[i];
    if (isObject(other) && other.url === extension.url) return true;
  }
  return false;
}
