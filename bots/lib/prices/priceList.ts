import { evalFhirPathTyped, toTypedValue, type TypedValue } from '@medplum/core';
import type { ChargeItemDefinition, CodeableConcept, Quantity, Resource } from '@medplum/fhirtypes';
import { decimal } from '../money/decimal.ts';
import { MoneyFault } from '../money/money.ts';
import { priced, PriceFault, type PriceComponent } from './components.ts';
import { covers } from './effective.ts';

/** Says how much of something is charged; absent: 1. */
export const QUANTITY_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-charge-quantity';
/** Most units of one charge. */
const QUANTITY_MAX = 1_000_000;

/** What a price may depend on. */
export interface PricedService {
  /** `%resource` and the focus of expressions. */
  service: Resource;
  /** `%encounter` */
  encounter?: Resource;
  /** `%patient` */
  patient?: Resource;
  /** When it was done: date or dateTime. Decides which price is in force. */
  when: string;
}

export interface Charge {
  /** Canonical of the definition, with its version. */
  definition: string;
  code: CodeableConcept;
  quantity: Quantity;
  components: PriceComponent[];
}

/** What a service costs, and what of the price list could not be understood. */
export interface Pricing {
  charges: Charge[];
  faults: string[];
}

/**
 * What a service costs by a price list: each active definition that is in force on the day and whose applicability
 * holds makes one charge. Of several with the same code the one counts that came into force last.
 */
export function price(definitions: readonly ChargeItemDefinition[], about: PricedService): Pricing {
  const charges = new Map<string, { charge: Charge; since: string }>();
  const faults: string[] = [];
  for (const definition of [...definitions].sort((a, b) => (a.url < b.url ? -1 : 1))) {
    try {
      const charge = chargeOf(definition, about);
      if (charge === undefined) continue;
      const since = definition.effectivePeriod?.start ?? '';
      const key = codeKey(charge.code);
      const other = charges.get(key);
      if (other === undefined || other.since < since) charges.set(key, { charge, since });
    } catch (error) {
      if (!(error instanceof PriceFault || error instanceof MoneyFault || error instanceof RangeError))
        throw error;
      faults.push(`The price ${definition.url} ${error.message}.`);
    }
  }
  return { charges: [...charges.values()].map(({ charge }) => charge), faults };
}

/** What tells codes of charges apart. */
export function codeKey({ coding: [first] = [], text = '' }: CodeableConcept): string {
  return first?.code === undefined ? text : `${first.system ?? ''}|${first.code}`;
}

function chargeOf(definition: ChargeItemDefinition, about: PricedService): Charge | undefined {
  const { status, effectivePeriod, code, url, version, applicability, propertyGroup = [] } = definition;
  if (status !== 'active' || !covers(effectivePeriod, about.when)) return undefined;
  if (!applies(applicability, about)) return undefined;
  if (code === undefined) throw new PriceFault('has no code');
  const parts = propertyGroup
    .filter((group) => applies(group.applicability, about))
    .flatMap(({ priceComponent = [] }) => priceComponent);
  const quantity = quantityOf(definition, about);
  return {
    definition: version === undefined ? url : `${url}|${version}`,
    code,
    quantity,
    components: priced(parts, decimal(quantity.value!)),
  };
}

function applies(conditions: ChargeItemDefinition['applicability'] = [], about: PricedService): boolean {
  return conditions.every(({ language = 'text/fhirpath', expression }) => {
    if (expression === undefined) return true; // told to people only
    if (language !== 'text/fhirpath')
      throw new PriceFault(`has an expression in ${language}: FHIRPath is understood`);
    const result = evaluate(expression, about);
    return result.length === 1 && result[0]!.value === true;
  });
}

function quantityOf({ extension = [] }: ChargeItemDefinition, about: PricedService): Quantity {
  const expression = extension.find(({ url }) => url === QUANTITY_EXTENSION)?.valueExpression?.expression;
  if (expression === undefined) return { value: 1 };
  const result = evaluate(expression, about);
  const value: unknown = result.length === 1 ? result[0]!.value : undefined;
  const quantity = (typeof value === 'number' ? { value } : (value ?? {})) as Quantity;
  const { value: units } = quantity;
  if (typeof units !== 'number' || !(units > 0 && units <= QUANTITY_MAX))
    throw new PriceFault(`finds no quantity by ${expression}, or none between 0 and ${QUANTITY_MAX}`);
  const { unit, system, code } = quantity;
  return { value: units, ...(unit && { unit }), ...(system && { system }), ...(code && { code }) };
}

function evaluate(expression: string, { service, encounter, patient }: PricedService): TypedValue[] {
  const focus = toTypedValue(service);
  const variables: Record<string, TypedValue> = { '%resource': focus };
  if (encounter) variables['%encounter'] = toTypedValue(encounter);
  if (patient) variables['%patient'] = toTypedValue(patient);
  try {
    return evalFhirPathTyped(expression, [focus], variables);
  } catch (error) {
    throw new PriceFault(`has an expression that cannot be evaluated: ${(error as Error).message}`);
  }
}
