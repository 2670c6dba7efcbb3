import type { JsonObject } from '../../fhir/resource.ts';
import { orderOf } from '../order.ts';
import type { RuleId } from '../rules.ts';
import { isObject } from '../state.ts';
import { isSame, objectsIn, valueIn } from './answers.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition/';

/** What is wrong with an answer. */
export interface AnswerFault {
  rule: RuleId;
  diagnostics: string;
}

/** The values of an item's extensions of R4 with this name. */
export function extensionValues({ extension }: JsonObject, name: string): unknown[] {
  return objectsIn(extension)
    .filter(({ url }) => url === HL7 + name)
    .flatMap((one) => valueIn(one)?.value ?? []);
}

/** How often an item must and may be answered, or a group be there, where it says so in numbers. */
export function occurrences(item: JsonObject): { min: number; max: number } {
  const [min = 0] = extensionValues(item, 'questionnaire-minOccurs');
  const [max = Infinity] = extensionValues(item, 'questionnaire-maxOccurs');
  return { min: Number(min), max: Number(max) };
}

/** What an item asks of each answer by R4's extensions for it, and by maxLength. */
export function limitFaults(item: JsonObject, value: unknown): AnswerFault[] {
  return LIMITS.flatMap(({ rule, diagnostics, isBroken, name }) => {
    const limits = name === 'maxLength' ? [item.maxLength] : extensionValues(item, name);
    const isApplied = limits.length > 0 && limits[0] !== undefined;
    return isApplied && isBroken(value, limits) ? [{ rule, diagnostics }] : [];
  });
}

interface Limit {
  /** `maxLength`, or of the extension. */
  name: string;
  rule: RuleId;
  diagnostics: string;
  /** @param limits what the item says, at least one */
  isBroken(value: unknown, limits: readonly unknown[]): boolean;
}

const LIMITS: readonly Limit[] = [
  {
    name: 'maxLength',
    rule: 'questionnaire-length',
    diagnostics: 'The answer is longer than the questionnaire allows: shorten it.',
    isBroken: (value, [limit]) => typeof value === 'string' && [...value].length > Number(limit),
  },
  {
    name: 'minLength',
    rule: 'questionnaire-length',
    diagnostics: 'The answer is shorter than the questionnaire allows: complete it.',
    isBroken: (value, [limit]) => typeof value === 'string' && [...value].length < Number(limit),
  },
  {
    name: 'minValue',
    rule: 'questionnaire-value',
    diagnostics: 'The answer is less than the least value that the questionnaire allows: correct it.',
    isBroken: (value, [limit]) => (orderOf(value, limit) ?? 0) < 0,
  },
  {
    name: 'maxValue',
    rule: 'questionnaire-value',
    diagnostics: 'The answer is more than the greatest value that the questionnaire allows: correct it.',
    isBroken: (value, [limit]) => (orderOf(value, limit) ?? 0) > 0,
  },
  {
    name: 'maxDecimalPlaces',
    rule: 'questionnaire-value',
    diagnostics: 'The answer has more decimal places than the questionnaire allows: round it.',
    isBroken: (value, [limit]) => typeof value === 'number' && decimalPlaces(value) > Number(limit),
  },
  {
    name: 'questionnaire-unitOption',
    rule: 'questionnaire-value',
    diagnostics: 'The unit of the answer is none of those that the questionnaire names: use one of them.',
    isBroken: (value, units) =>
      isObject(value) && value.code !== undefined && !units.some((unit) => isUnit(value, unit)),
  },
  {
    name: 'questionnaire-referenceResource',
    rule: 'questionnaire-value',
    diagnostics:
      'The answer refers to a resource of another type than the questionnaire asks for: refer to one of that type.',
    isBroken: (value, types) => {
      const type = referencedType(value);
      return type !== undefined && !types.includes(type);
    },
  },
  {
    name: 'mimeType',
    rule: 'questionnaire-value',
    diagnostics:
      'The attachment is of another kind than the questionnaire asks for: attach one of that kind.',
    isBroken: (value, kinds) =>
      isObject(value) && typeof value.contentType === 'string' && !kinds.includes(value.contentType),
  },
  {
    name: 'maxSize',
    rule: 'questionnaire-value',
    diagnostics: 'The attachment is larger than the questionnaire allows: attach a smaller one.',
    isBroken: (value, [limit]) =>
      isObject(value) && typeof value.size === 'number' && value.size > Number(limit) * MEGABYTE,
  },
];

/** The unit of `maxSize` (http://hl7.org/fhir/R4/extension-maxsize.html). */
const MEGABYTE = 1_000_000;

const decimalPlaces = (value: number): number => {
  const [, fraction = '', exponent = '0'] = /(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
};

const isUnit = (quantity: JsonObject, unit: unknown): boolean =>
  isObject(unit) && isSame({ system: quantity.system, code: quantity.code }, unit);

const LITERAL = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]*)?$/;

function referencedType(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { reference, type } = value;
  const told = typeof reference === 'string' ? LITERAL.exec(reference)?.[1] : undefined;
  return told ?? (typeof type === 'string' ? type : undefined);
}
