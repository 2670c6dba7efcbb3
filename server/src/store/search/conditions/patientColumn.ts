import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import type { IndexQuery } from '../../index/query.ts';

/**
 * Whether the patient column of a type holds whatever a parameter refers to among patients: it has the first patient of the
 * element that says whose the resource is, so that element must be the parameter's only one and not repeat.
 */
export function isPatientColumn(
  index: IndexQuery,
  type: string,
  parameter: SearchParameterDefinition,
): boolean {
  if (type === 'Patient') return false;
  const slots = index.plan(type, parameter)?.slots ?? [];
  const own = slots.filter(({ target }) => target === undefined || target === 'Patient');
  const [only] = own;
  if (own.length !== 1 || !only?.slot.patient) return false;
  const owner = index.plan(type, 'patient') ?? index.plan(type, 'subject');
  const isOnlyOwner = owner?.slots.length === 1 && owner.slots[0]!.slot === only.slot;
  const paths = only.slot.resolved ?? [];
  return isOnlyOwner && paths.length === 1 && paths[0]!.type === 'Reference' && !paths[0]!.repeats;
}
