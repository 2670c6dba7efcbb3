import type { Definitions } from '../../fhir/definitions/types.ts';
import { FhirError } from '../../fhir/outcome.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import type { SearchSupport } from '../../fhir/search/contract.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { splitUnescaped } from '../../fhir/search/split.ts';
import type { Reach } from '../access.ts';
import { allOf, anyOf } from '../reach.ts';
import { PolicyFault } from '../faults.ts';
import type { FilledPair } from './fill.ts';
import { requireFillable } from './fillable.ts';
import { outsideOnly } from './outsideOnly.ts';

/** What criteria are read with. */
export interface CriteriaContext {
  definitions: Definitions;
  support: SearchSupport;
}

/** `_compartment=Patient/1`, as Medplum's policies write it: in R4's compartment of that resource. */
const COMPARTMENT = '_compartment';
/** Parameters that begin with an underscore and find resources, besides those that are defined. The others shape an answer. */
const FINDING = ['_has', '_filter', '_list', '_text', '_content'];
const REFERENCE = /^([A-Z][A-Za-z]*)\/([A-Za-z0-9\-.]{1,64})$/;

/**
 * What a search of a type asks of a resource.
 *
 * @throws PolicyFault where it cannot be read, or a variable stands where its value could mean more than a value
 */
export function readCriteria(context: CriteriaContext, type: string, pairs: readonly FilledPair[]): Reach {
  return allOf(pairs.map((pair) => readPair(context, type, pair)));
}

/** In R4's compartment of a resource. @throws PolicyFault for a type that has none, or that is not in it */
export function compartmentCondition(
  { definitions, support }: CriteriaContext,
  type: string,
  reference: string,
): Condition {
  const [, of, id] = REFERENCE.exec(reference) ?? [];
  if (of === undefined) throw new PolicyFault('A compartment must be named by a reference: Type/id.');
  const scope = { level: 'type' as const, types: [type], compartment: { type: of, id: id! } };
  return parsed(
    () => parseSearch(definitions, support, scope, [], 'strict').query.searches[0]!.conditions,
  )[0]!;
}

function readPair(context: CriteriaContext, type: string, pair: FilledPair): Reach {
  const { name, value, isFilled } = pair;
  if (name === COMPARTMENT) {
    return anyOf(splitUnescaped(value, ',').map((one) => compartmentCondition(context, type, one)));
  }
  const code = /^[^:.]*/.exec(name)![0];
  const { definitions, support } = context;
  const finds = FINDING.includes(code) || definitions.searchParameter(type, code) !== undefined;
  if (name.startsWith('_') && !finds) {
    throw new PolicyFault(
      `The criteria have '${code}', which does not find resources of ${type}: leave it out.`,
    );
  }
  const scope = { level: 'type' as const, types: [type] };
  const { conditions } = parsed(
    () => parseSearch(definitions, support, scope, [[name, value]], 'strict').query.searches[0]!,
  );
  if (isFilled) conditions.forEach((condition) => requireFillable(name, condition));
  return allOf(conditions.map(outsideOnly));
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FhirError) throw new PolicyFault(error.message);
    throw error;
  }
}
