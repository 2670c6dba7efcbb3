import type { ElementDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Bindings } from './bindings.ts';
import { rawNumber } from './decimal.ts';
import {
  CITIES,
  CODES,
  DATES,
  DATE_TIMES,
  DECIMALS,
  FAMILIES,
  GIVENS,
  IDENTIFIER_SYSTEMS,
  IDENTIFIER_VALUES,
  SYSTEMS,
  TEXTS,
} from './pools.ts';
import { words } from './primitives.ts';
import { quantity, range } from './quantities.ts';
import type { Random } from './random.ts';

/** What the making of a value may look at. */
export interface ValueContext {
  random: Random;
  bindings: Bindings;
}

type Maker = (context: ValueContext, element: ElementDefinition) => object;

/** A value of one of FHIR's common complex types; undefined for others, which are made from their definitions. */
export function dataType(
  context: ValueContext,
  type: string,
  element: ElementDefinition,
): object | undefined {
  return MAKERS[type]?.(context, element);
}

const MAKERS: Record<string, Maker> = {
  Coding: (context, element) => coding(context, element),
  CodeableConcept: (context, element) => codeableConcept(context, element),
  Identifier: ({ random }) => identifier(random),
  HumanName: ({ random }) => humanName(random),
  Address: ({ random }) => address(random),
  ContactPoint: ({ random }) => contactPoint(random),
  Period: ({ random }) => period(random),
  Timing: ({ random }) => timing(random),
  Quantity: ({ random }) => quantity(random),
  SimpleQuantity: ({ random }) => quantity(random, false),
  Count: ({ random }) => ({ value: random.below(9), system: 'http://unitsofmeasure.org', code: '1' }),
  Age: ({ random }) => quantity(random, true, ['a', 'mo', 'wk', 'd']),
  Duration: ({ random }) => quantity(random, true, ['h', 'min', 'd']),
  Distance: ({ random }) => quantity(random, true, ['m', 'cm', 'km']),
  Money: ({ random }) => ({ value: rawNumber(random.pick(DECIMALS)), currency: random.pick(['EUR', 'USD']) }),
  Range: ({ random }) => range(random),
  Ratio: ({ random }) => ({ numerator: quantity(random), denominator: quantity(random) }),
  SampledData: ({ random }) => ({
    origin: quantity(random, false),
    period: 10,
    dimensions: 1,
    data: '1 2 E',
  }),
  Annotation: ({ random }) => ({ text: words(random) }),
  Attachment: ({ random }) => ({
    contentType: random.pick(['text/plain', 'text/xml; charset=UTF-8']),
    title: random.pick(TEXTS),
  }),
};

/** A coding of the element's value set where that is required, else of the pools; now and then without code or system. */
function coding({ random, bindings }: ValueContext, element: ElementDefinition): object {
  const bound = element.requiredValueSet === undefined ? [] : bindings(element.requiredValueSet);
  if (bound.length > 0) return { ...random.pick(bound) };
  const code = random.pick(CODES);
  const display = random.chance(0.4) ? { display: random.pick(TEXTS) } : {};
  return random.weighted<object>([
    [70, { system: random.pick(SYSTEMS), code, ...display }],
    [15, { code, ...display }],
    [5, { system: random.pick(SYSTEMS), ...display }],
    [5, { system: random.pick(SYSTEMS), version: '2', code, userSelected: true }],
  ]);
}

function codeableConcept(context: ValueContext, element: ElementDefinition): object {
  const { random } = context;
  const text = { text: random.pick(TEXTS) };
  if (random.chance(0.07)) return text;
  const codings = Array.from({ length: random.chance(0.25) ? 2 : 1 }, () => coding(context, element));
  return random.chance(0.3) ? { coding: codings, ...text } : { coding: codings };
}

export function identifier(random: Random): object {
  const value = random.pick(IDENTIFIER_VALUES);
  const type = {
    coding: [{ system: random.pick(SYSTEMS), code: random.pick(['MR', 'SS']) }],
    ...(random.chance(0.4) ? { text: random.pick(TEXTS) } : {}),
  };
  return {
    ...(random.chance(0.4) ? { type } : {}),
    ...(random.chance(0.75) ? { system: random.pick(IDENTIFIER_SYSTEMS) } : {}),
    ...(random.chance(0.95) ? { value } : { use: 'usual' }),
  };
}

export function humanName(random: Random): object {
  return {
    family: random.pick(FAMILIES),
    ...(random.chance(0.8) ? { given: random.sample(GIVENS, 1 + random.below(2)) } : {}),
    ...(random.chance(0.2) ? { prefix: ['Dr.'], suffix: ['MD'] } : {}),
    ...(random.chance(0.2) ? { text: random.pick(TEXTS) } : {}),
    ...(random.chance(0.2) ? { use: random.pick(['official', 'nickname']), period: period(random) } : {}),
  };
}

function address(random: Random): object {
  return {
    city: random.pick(CITIES),
    ...(random.chance(0.5) ? { line: [`Hauptstraße ${random.below(4)}`, 'c/o  Eve'] } : {}),
    ...(random.chance(0.5) ? { country: random.pick(['DE', 'BR']) } : {}),
    ...(random.chance(0.5) ? { state: 'MN', postalCode: random.pick(['10115', '10117 A']) } : {}),
    ...(random.chance(0.5) ? { use: random.pick(['home', 'work']) } : {}),
    ...(random.chance(0.2) ? { district: 'Mitte', text: random.pick(TEXTS) } : {}),
  };
}

function contactPoint(random: Random): object {
  const system = random.pick(['phone', 'email', 'fax']);
  const value =
    system === 'email'
      ? random.pick(['eve@acme.org', 'EVE@acme.org'])
      : random.pick(['+49 30 1', '555-1234']);
  return random.chance(0.9) ? { system, value } : { value };
}

/** Starts before it ends; either end may be open. */
export function period(random: Random): object {
  const [first, second] = [random.pick(DATE_TIMES), random.pick(DATES.filter((date) => date > '2013-04'))];
  const start = random.chance(0.5) ? random.pick(DATES.filter((date) => date < '2013-01-02')) : first;
  const end = random.chance(0.3) ? '2013-06-01T08:00:00+02:00' : second;
  return random.weighted<object>([
    [50, { start, end }],
    [25, { start }],
    [20, { end }],
    [10, { start, end: start }],
  ]);
}

function timing(random: Random): object {
  const event = { event: random.sample(DATE_TIMES, 1 + random.below(2)) };
  const bounds = { repeat: { boundsPeriod: period(random), frequency: 1, period: 2, periodUnit: 'd' } };
  return random.pick([event, bounds, { ...event, ...bounds }, { code: { text: 'BID' } }]);
}
