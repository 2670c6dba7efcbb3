import type { JsonObject } from '../../fhir/resource.ts';
import type { Invariants } from '../invariants/createInvariants.ts';
import type { ValidationState } from '../state.ts';
import type { ExtensionContext } from './extensionUse.ts';
import type { Place } from './place.ts';

/** Whether the element that has an extension is one that may have it; `holder` is its object, or what stands beside a primitive. */
export type ContextTest = (state: ValidationState, holder: JsonObject, place: Place) => boolean;

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
/** Names of contexts that mean every element. */
const ANYWHERE: ReadonlySet<string> = new Set(['Element', '*']);

/** The test of several contexts, of which one must be met. One that cannot be decided here counts as met. */
export function contextTest(
  contexts: readonly ExtensionContext[],
  expressions: Pick<Invariants, 'selectionOf'> | undefined,
): ContextTest {
  const tests = contexts.map((context) => oneTest(context, expressions));
  return (state, holder, place) => tests.some((test) => test(state, holder, place));
}

function oneTest(
  { type, expression }: ExtensionContext,
  expressions: Pick<Invariants, 'selectionOf'> | undefined,
): ContextTest {
  switch (type) {
    case 'element':
      return elementTest(expression);
    case 'extension':
      return (_state, holder) => holder.url === expression;
    default:
      return pathTest(expression, expressions);
  }
}

/** The id of an element, perhaps with the URL of its structure before it: of a profile's element nobody knows here which values it means. */
function elementTest(expression: string): ContextTest {
  const [id = '', structure] = expression.split('#').reverse();
  const isOfProfile = structure !== undefined && structure !== '' && !structure.startsWith(CORE);
  const name = id.replaceAll(/:[^.]*/g, '').replaceAll('[x]', '');
  if (isOfProfile || ANYWHERE.has(name) || name.includes('/')) return () => true;
  return (_state, _holder, { names }) => names.has(name);
}

/** Whether an expression, evaluated on the resource, selects the element. */
function pathTest(expression: string, expressions: Pick<Invariants, 'selectionOf'> | undefined): ContextTest {
  const selection = expressions?.selectionOf(expression);
  return (state, holder) => selection?.(state)?.has(holder) ?? true;
}
