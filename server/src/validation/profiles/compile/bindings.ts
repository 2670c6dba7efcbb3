import type { JsonObject } from '../../../fhir/resource.ts';
import { listedCodes, type ListedCodes } from '../../codes/containedValueSet.ts';
import type { CodeQuestion } from '../../ports.ts';
import { isObject } from '../../state.ts';
import type { CompileContext, ItemCheck, ItemTest } from './types.ts';

type Codings = CodeQuestion['codings'];

/** How a code outside of its value set is told, by the strength of the binding (http://hl7.org/fhir/R4/terminologies.html#strength). */
const SEVERITY = { required: 'error', extensible: 'warning', preferred: 'information' } as const;
export type Strength = keyof typeof SEVERITY;

export const isStrength = (text: string): text is Strength => Object.hasOwn(SEVERITY, text);

/** A binding that the profile adds. What only leads to a warning is looked at only where warnings are wanted. */
export function bindingCheck(
  ctx: CompileContext,
  strength: Strength,
  valueSet: string,
  contained?: JsonObject,
): ItemCheck {
  const severity = SEVERITY[strength];
  const members = ctx.members(valueSet);
  const list = contained && listedCodes(contained);
  const advice = strength === 'required' ? 'use one of its codes' : 'use one of its codes where one fits';
  const outside = (name: string) =>
    `The element '${name}' has no code of the value set ${valueSet} (${ctx.demander}): ${advice}.`;
  const unknown = `Whether the code is in ${valueSet} (${ctx.demander}) is not known here: load what the value set is made of.`;
  return (value, _sibling, type, at, depth, name, index) => {
    if (strength !== 'required' && !at.thorough) return;
    const codings = codingsOf(value, type);
    if (codings === undefined) return;
    const known = verdict(codings, type, members, list);
    if (known === 'out') at.report('profile-binding', depth, name, index, outside(name), severity);
    if (known !== undefined) return;
    const question = {
      valueSet,
      codings,
      ...(contained && { resource: contained }),
      ...(isBare(type) && { systemImplied: true as const }),
    };
    const tellsUnknown = strength === 'required' && (at.thorough || at.mode === 'strict');
    at.askCode(question, depth, name, index, ({ verdict }, report) => {
      if (verdict === 'out') report('profile-binding', outside(name), severity);
      if (verdict === 'unknown' && tellsUnknown) report('profile-binding-unchecked', unknown, 'warning');
    });
  };
}

/** What can be told of codes by what is in memory; undefined where that is not enough. */
function verdict(
  codings: Codings,
  type: string,
  members: ReadonlySet<string> | undefined,
  list: ListedCodes | undefined,
): 'in' | 'out' | undefined {
  if (codings.length === 0) return 'out';
  if (members) return codings.some((coding) => isMember(members, coding, type)) ? 'in' : 'out';
  return list?.verdict(codings, isBare(type));
}

/** Whether a value has a code of a value set that is in memory; undefined where it is not. */
export function memberTest(ctx: CompileContext, valueSet: string): ItemTest | undefined {
  const members = ctx.members(valueSet);
  if (members === undefined) return undefined;
  return (value, _sibling, type) =>
    codingsOf(value, type)?.some((coding) => isMember(members, coding, type)) ?? false;
}

/** The codes of a value; undefined for a type that has none. */
function codingsOf(value: unknown, type: string): Codings | undefined {
  if (isBare(type)) return typeof value === 'string' ? [{ code: value }] : [];
  if (type === 'CodeableConcept') {
    const coding = isObject(value) ? value.coding : undefined;
    return Array.isArray(coding) ? coding.filter(isObject) : [];
  }
  if (!isObject(value)) return undefined;
  if (type === 'Coding') return [value];
  return QUANTITIES.has(type) && typeof value.code === 'string'
    ? [{ code: value.code, ...(typeof value.system === 'string' ? { system: value.system } : {}) }]
    : undefined;
}

const BARE: ReadonlySet<string> = new Set(['code', 'string', 'uri', 'url', 'canonical', 'id', 'oid', 'uuid']);
const QUANTITIES: ReadonlySet<string> = new Set([
  'Quantity',
  'Age',
  'Duration',
  'Count',
  'Distance',
  'Money',
]);

/** Types that are a code by themselves: its system is that of the value set. */
const isBare = (type: string): boolean => BARE.has(type);

function isMember(members: ReadonlySet<string> | undefined, coding: Codings[number], type: string): boolean {
  if (members === undefined || typeof coding.code !== 'string') return false;
  return (
    members.has(isBare(type) ? `|${coding.code}` : `${coding.system ?? ''}|${coding.code}`) &&
    (isBare(type) || coding.system !== undefined)
  );
}
