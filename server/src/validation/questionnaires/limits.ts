import { PathEvaluationError, PathLimitError } from '../../fhir/path/errors.ts';
import { Patterns } from '../../fhir/path/evaluate/pattern/patterns.ts';
import { createUnitConverter } from '../../fhir/units/units.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import { orderOf } from '../order.ts';
import type { RuleId } from '../rules.ts';
import { isObject } from '../state.ts';
import { isSame, objectsIn, valueIn } from './answers.ts';

export const HL7 = 'http://hl7.org/fhir/StructureDefinition/';
/** Of HL7's guide of structured data capture, which R4 has no extension for. */
export const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/';

/** Steps that matching the answers of one response with patterns may take. */
const PATTERN_STEPS_MAX = 1_000_000;

/** What the answers of one response are compared with their limits by. */
export class LimitTools {
  readonly units = createUnitConverter();
  readonly #patterns = new Patterns();
  #stepsLeft = PATTERN_STEPS_MAX;

  /** Whether a pattern fits the whole of a text; also where that cannot be found out. */
  isMatch(pattern: string, text: string): boolean {
    try {
      return this.#patterns.test(pattern, text, 'whole', (steps) => {
        if ((this.#stepsLeft -= steps) < 0)
          throw new PathLimitError('matching regular expressions takes too many steps');
      });
    } catch (error) {
      if (error instanceof PathEvaluationError) return true;
      throw error;
    }
  }
}

/** What is wrong with an answer. */
export interface AnswerFault {
  rule: RuleId;
  diagnostics: string;
}

/** The values of an item's extensions with this URL, or of R4 with this name. */
export function extensionValues({ extension }: JsonObject, name: string): unknown[] {
  const wanted = name.includes(':') ? name : HL7 + name;
  return objectsIn(extension)
    .filter(({ url }) => url === wanted)
    .flatMap((one) => valueIn(one)?.value ?? []);
}

/** How often an item must and may be answered, or a group be there, where it says so in numbers. */
export function occurrences(item: JsonObject): { min: number; max: number } {
  const [min = 0] = extensionValues(item, 'questionnaire-minOccurs');
  const [max = Infinity] = extensionValues(item, 'questionnaire-maxOccurs');
  return { min: Number(min), max: Number(max) };
}

/** What an item asks of each answer by R4's extensions for it, and by maxLength. */
export function limitFaults(item: JsonObject, value: unknown, tools: LimitTools): AnswerFault[] {
  return LIMITS.flatMap(({ rule, diagnostics, isBroken, name }) => {
    const limits = name === 'maxLength' ? [item.maxLength] : extensionValues(item, name);
    const isApplied = limits.length > 0 && limits[0] !== undefined;
    return isApplied && isBroken(value, limits, tools) ? [{ rule, diagnostics }] : [];
  });
}

interface Limit {
  /** `maxLength`, or of the extension. */
  name: string;
  rule: RuleId;
  diagnostics: string;
  /** @param limits what the item says, at least one */
  isBroken(value: unknown, limits: readonly unknown[], tools: LimitTools): boolean;
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
    isBroken: (value, [limit]) => {
      const number = isObject(value) ? value.value : value;
      return typeof number === 'number' && decimalPlaces(number) > Number(limit);
    },
  },
  {
    name: 'regex',
    rule: 'questionnaire-value',
    diagnostics:
      'The answer has not the form that the questionnaire asks for by a regular expression: correct it.',
    isBroken: (value, [pattern], tools) =>
      typeof value === 'string' && typeof pattern === 'string' && !tools.isMatch(pattern, value),
  },
  {
    name: `${SDC}sdc-questionnaire-minQuantity`,
    rule: 'questionnaire-value',
    diagnostics: 'The answer is less than the least quantity that the questionnaire allows: correct it.',
    isBroken: (value, [limit], { units }) => (orderOf(value, limit, units) ?? 0) < 0,
  },
  {
    name: `${SDC}sdc-questionnaire-maxQuantity`,
    rule: 'questionnaire-value',
    diagnostics: 'The answer is more than the greatest quantity that the questionnaire allows: correct it.',
    isBroken: (value, [limit], { units }) => (orderOf(value, limit, units) ?? 0) > 0,
  },
  {
    name: 'questionnaire-unitOption',
    rule: 'questionnaire-value',
    diagnostics: 'The unit of the answer is none of those that the questionnaire names: use one of them.',
    isBroken: (value, options) =>
      isObject(value) && value.value !== undefined && !options.some((unit) => isUnit(value, unit)),
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
      isObject(value) && !kinds.some((kind) => isKind(String(value.contentType), String(kind))),
  },
  {
    name: 'maxSize',
    rule: 'questionnaire-value',
    diagnostics: 'The attachment is larger than the questionnaire allows: attach a smaller one.',
    isBroken: (value, [limit]) => isObject(value) && sizeOf(value) > Number(limit) * MEGABYTE,
  },
];

/** The unit of `maxSize` (http://hl7.org/fhir/R4/extension-maxsize.html). */
const MEGABYTE = 1_000_000;

const decimalPlaces = (value: number): number => {
  const [, fraction = '', exponent = '0'] = /(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
};

/** `image/` and `image/*` mean all images. */
const isKind = (contentType: string, kind: string): boolean =>
  contentType.startsWith(kind.replace(/\*$/, ''));

/** By its code where there is one, else as it is written. */
function isUnit({ system, code, unit }: JsonObject, option: unknown): boolean {
  if (!isObject(option)) return false;
  if (code !== undefined) return isSame({ system, code }, option);
  return unit !== undefined && (unit === option.display || unit === option.code);
}

/** Bytes of an attachment: as it says, else of its data. */
function sizeOf({ size, data }: JsonObject): number {
  if (typeof size === 'number') return size;
  return typeof data === 'string' ? Buffer.byteLength(data, 'base64') : 0;
}

const LITERAL = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]*)?$/;

function referencedType(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { reference, type } = value;
  const told = typeof reference === 'string' ? LITERAL.exec(reference)?.[1] : undefined;
  return told ?? (typeof type === 'string' ? type : undefined);
}
