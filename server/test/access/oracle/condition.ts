import type { Reach } from '../../../src/access/access.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import type { Comparison, Condition } from '../../../src/fhir/search/ast.ts';
import { PARAMETERS, type Token, type Type } from './world.ts';

/** Whether a resource satisfies a condition, by what ast.ts says of each kind: those that random policies come to. */
export function satisfies(type: Type, resource: Resource, reach: Reach): boolean {
  if (typeof reach === 'boolean') return reach;
  const of = (condition: Condition) => satisfies(type, resource, condition);
  switch (reach.kind) {
    case 'and':
      return reach.conditions.every(of);
    case 'or':
      return reach.conditions.some(of);
    case 'not':
      return !of(reach.condition);
    case 'constant':
      return reach.value;
    case 'id':
      return reach.ids.includes(resource.id!);
    case 'missing':
      return (found(type, resource, reach.parameter.code).length === 0) === reach.missing;
    case 'token':
      return reach.tokens.some(({ system, code }) =>
        (found(type, resource, reach.parameter.code) as Token[]).some(
          (one) => one.code === code && (system === undefined || one.system === system),
        ),
      );
    case 'reference':
      return reach.references.some(({ value }) =>
        texts(type, resource, reach.parameter.code).includes(value),
      );
    case 'string':
      return reach.values.some((value) =>
        texts(type, resource, reach.parameter.code).some((one) =>
          one.toLowerCase().startsWith(value.toLowerCase()),
        ),
      );
    case 'date':
      return reach.comparisons.some((comparison) =>
        texts(type, resource, reach.parameter.code).some((day) => isOnDay(comparison, Date.parse(day))),
      );
    case 'compartment':
      if (reach.self && reach.id === resource.id) return true;
      // R4 has a patient's links in it, which no resource here has.
      return reach.parameters
        .filter(({ code }) => code !== 'link')
        .some(({ code }) => texts(type, resource, code).includes(`${reach.type}/${reach.id}`));
    default:
      throw new Error(`No random policy comes to ${reach.kind}`);
  }
}

const found = (type: Type, resource: Resource, code: string) => PARAMETERS[type][code]!.of(resource);
const texts = (type: Type, resource: Resource, code: string) => found(type, resource, code) as string[];

function isOnDay({ prefix, lo, hi }: Comparison, start: number): boolean {
  if (prefix === 'ge') return start >= lo;
  return prefix === 'lt' ? start < lo : start >= lo && start <= hi;
}
