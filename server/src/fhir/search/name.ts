import { tooCostly, wrong } from './faults.ts';
import { CHAIN_STEPS_MAX } from './limits.ts';

/** The last part of a parameter's name: what is tested. */
export interface LeafName {
  kind: 'leaf';
  code: string;
  modifier?: string;
}

/**
 * A parameter's name: a test, a reference to follow first (`subject:Patient.name`,
 * http://hl7.org/fhir/R4/search.html#chaining) or one to follow against its direction (`_has:Observation:patient:code`,
 * search.html#has). `Where` is what `_filter` may add to a step.
 */
export type Name<Where = never> =
  | LeafName
  | { kind: 'chain'; code: string; targetType?: string; where?: Where; rest: Name<Where> }
  | { kind: 'has'; type: string; code: string; rest: Name<Where> };

/** @throws SearchFault */
export function parseName(text: string): Name {
  return parseRest(text, 0);
}

function parseRest(text: string, steps: number): Name {
  const next = () => {
    if (steps >= CHAIN_STEPS_MAX) throw tooManySteps();
    return steps + 1;
  };
  if (text.startsWith('_has:')) {
    const [, type = '', code = '', rest] = /^_has:([^:.]+):([^:.]+):(.+)$/s.exec(text) ?? [];
    if (rest === undefined) throw wrongHas();
    return { kind: 'has', type, code, rest: parseRest(rest, next()) };
  }
  const dot = text.indexOf('.');
  if (dot < 0) return parseLeaf(text);
  const { code, modifier } = parseLeaf(text.slice(0, dot));
  const rest = parseRest(text.slice(dot + 1), next());
  return modifier === undefined
    ? { kind: 'chain', code, rest }
    : { kind: 'chain', code, targetType: modifier, rest };
}

function parseLeaf(text: string): LeafName {
  if (text === '_has') throw wrongHas();
  const colon = text.indexOf(':');
  if (colon < 0 && text !== '') return { kind: 'leaf', code: text };
  if (colon <= 0 || colon === text.length - 1) {
    throw wrong(
      'The name has an empty part: write parameter, parameter:modifier, reference.parameter or reference:Type.parameter.',
    );
  }
  return { kind: 'leaf', code: text.slice(0, colon), modifier: text.slice(colon + 1) };
}

export const wrongHas = () =>
  wrong('_has is incomplete: write _has:Type:reference:parameter, e.g. _has:Observation:patient:code.');

export const tooManySteps = () =>
  tooCostly(`The name has more than ${CHAIN_STEPS_MAX} steps of chains and _has: search in several steps.`);

/** The name as it was written, without what `_filter` adds. */
export function nameText(name: Name<unknown>): string {
  if (name.kind === 'has') return `_has:${name.type}:${name.code}:${nameText(name.rest)}`;
  if (name.kind === 'leaf') return name.modifier === undefined ? name.code : `${name.code}:${name.modifier}`;
  return `${name.targetType === undefined ? name.code : `${name.code}:${name.targetType}`}.${nameText(name.rest)}`;
}
