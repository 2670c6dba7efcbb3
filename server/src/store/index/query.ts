import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { ContainedKeys } from './containedKeys.ts';
import type { IndexQuery, Parameter } from './indexQuery.ts';
import { insideKeys } from './insideKeys.ts';
import { insideQuery } from './insideQuery.ts';
import { createKeyHasher } from './keys.ts';
import { planType, type ParameterPlan, type TypePlan } from './plan.ts';
import { compositeQuery, tokenParts } from './queryComposite.ts';
import { rangeQuery } from './queryRange.ts';
import { slotQuery } from './querySlots.ts';
import { createUnitConverter } from '../../fhir/units/units.ts';
import { createUnitKeys } from './values/quantity.ts';

export type { IndexQuery, Parameter } from './indexQuery.ts';
export type { IndexTerm, PartQuery } from './queryComposite.ts';
export type { QuantityTerm, QuantityValue } from './queryRange.ts';
export type { OrderedKeys, TokenValue } from './querySlots.ts';

/**
 * The asking side of the index: the same definitions, secret and base as its indexer's.
 *
 * @param options.publicBase absolute URL of this server's FHIR endpoint, without a slash at its end
 */
export function createIndexQuery(
  definitions: Definitions,
  secret: Uint8Array,
  options: { publicBase?: string } = {},
): IndexQuery {
  const hasher = createKeyHasher(secret);
  const units = createUnitKeys(hasher);
  const ownBase = options.publicBase;
  const slots = slotQuery(hasher, definitions.resourceTypes, ownBase);
  const ranges = rangeQuery(hasher, units, createUnitConverter());
  const composites = compositeQuery(hasher, slots, ranges);
  const contained = new ContainedKeys(hasher);
  const plans = new Map<string, { parameters: readonly SearchParameterDefinition[]; plan: TypePlan }>();

  function planOf(type: string): TypePlan | undefined {
    if (!definitions.isResourceType(type)) return undefined;
    const parameters = definitions.searchParameters(type);
    let known = plans.get(type);
    if (known?.parameters !== parameters)
      plans.set(type, (known = { parameters, plan: planType(definitions, hasher, type) }));
    return known.plan;
  }

  function plan(type: string, parameter: Parameter): ParameterPlan | undefined {
    return planOf(type)?.parameters.get(typeof parameter === 'string' ? parameter : parameter.code);
  }

  function known(type: string, parameter: Parameter): ParameterPlan {
    const found = plan(type, parameter);
    if (found) return found;
    const code = typeof parameter === 'string' ? parameter : parameter.code;
    throw new Error(`The search parameter ${code} of ${type} is not in the index`);
  }

  const query: IndexQuery = {
    ownBase,
    plan,
    tokenKeys: (type, parameter, token) => slots.tokenKeys(known(type, parameter).slots, token),
    orderedKeys: (type, parameter, token) => slots.orderedKeys(known(type, parameter).slots, token),
    mainQuantity: (type) => {
      const own = (planOf(type)?.slots ?? []).filter((slot) => slot.mainQuantity);
      return {
        written: own.map(({ path }) => path.key),
        base: own.map(({ derivedPath }) => derivedPath.key),
      };
    },
    ofTypeKeys: (type, parameter, typeSystem, typeCode, value) =>
      slots.ofTypeKeys(known(type, parameter).slots, typeSystem, typeCode, value),
    referenceKeys: (type, parameter, value, targetType) => {
      const { slots: own, definition } = known(type, parameter);
      return slots.referenceKeys(own, definition.target, value, targetType);
    },
    identifierKeys: (type, parameter, token) => slots.identifierKeys(known(type, parameter).slots, token),
    uriKeys: (type, parameter, uri) => slots.uriKeys(known(type, parameter).slots, uri),
    stringPrefix: (type, parameter, value) => slots.stringPrefix(known(type, parameter).slots, value),
    uriPrefix: (type, parameter, value) => slots.uriPrefix(known(type, parameter).slots, value),
    stringExact: (type, parameter, value) => slots.exactStrings(known(type, parameter).slots, value),
    presence: (type, parameter) => slots.presence(known(type, parameter)),
    isMainDate: (type, parameter) => known(type, parameter).slots.some(({ slot }) => slot.mainDate),
    rangeParams: (type, parameter) => ranges.params(known(type, parameter).slots),
    quantityTerms: (type, parameter, quantity) =>
      ranges.quantityTerms(known(type, parameter).slots, quantity),
    positionParams: (type, parameter) => ranges.positionParams(known(type, parameter).slots),
    compositeTerm: (type, parameter, parts) => composites.term(known(type, parameter), parts),
    tokenParts: (type, parameter) => tokenParts(planOf(type)!, known(type, parameter)),
    selfKey: (type, id) => hasher.self(`${type}/${id}`),
    referencePaths: (type, parameter) =>
      known(type, parameter).slots.map(({ slot, target }) => ({
        path: slot.path.key,
        ...(target !== undefined && { target }),
      })),
    referenceTargets: (type, value) =>
      slots.referenceTexts([type], false, value, type).map((text) => hasher.self(text)),
    unitKey: (code) => units.code(code),
    containedKey: (type) => contained.of(type),
    inside: (path, type) => {
      const keys = insideKeys(hasher, path, type);
      return { present: keys.present, query: insideQuery(query, keys) };
    },
  };
  return query;
}
