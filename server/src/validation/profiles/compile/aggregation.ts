import type { ElementType } from '../../../fhir/structures/structure.ts';
import { isObject, type ValidationState } from '../../state.ts';
import type { CompileContext, ItemCheck } from './types.ts';

/**
 * `type.aggregation` (http://hl7.org/fhir/R4/valueset-resource-aggregation-mode.html): where what a Reference leads to may be.
 *
 * @returns undefined where it may be anywhere
 */
export function aggregationCheck(ctx: CompileContext, types: readonly ElementType[]): ItemCheck | undefined {
  if (types.some(({ aggregation = [] }) => aggregation.length === 0)) return undefined;
  const modes = new Set(types.flatMap(({ aggregation = [] }) => aggregation));
  // What is in the same Bundle is outside of the resource too.
  if (modes.has('referenced')) modes.add('bundled');
  const allowed = [...new Set(types.flatMap(({ aggregation = [] }) => aggregation))].join(' or ');
  return (value, _sibling, type, at, depth, name, index) => {
    if (type !== 'Reference' || !isObject(value) || typeof value.reference !== 'string') return;
    const mode = modeOf(value.reference, at);
    // Outside of a Bundle nobody knows whether the resource came with one.
    if (modes.has(mode) || (mode === 'referenced' && modes.has('bundled') && !at.bundle)) return;
    const text = `What the element '${name}' refers to must be ${allowed} (${ctx.demander}), and is ${mode}: refer to another.`;
    at.report('profile-reference-aggregation', depth, name, index, text);
  };
}

function modeOf(reference: string, at: ValidationState): 'contained' | 'bundled' | 'referenced' {
  if (reference.startsWith('#')) return 'contained';
  return at.resolve(reference) === undefined ? 'referenced' : 'bundled';
}
