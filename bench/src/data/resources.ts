import type { Resource } from '@medplum/fhirtypes';
import { condition, encounter } from './encounter.ts';
import { observation } from './observation.ts';
import { patient } from './patient.ts';
import type { DataPlan } from './plan.ts';
import { organization, practitioner } from './practitioner.ts';

/** Every resource of the plan, a resource before those that refer to it. The same plan always gives the same text. */
export function* resources(plan: DataPlan): Generator<Resource & { id: string }> {
  const makers: [number, (plan: DataPlan, index: number) => Resource][] = [
    [plan.organizations, organization],
    [plan.practitioners, practitioner],
    [plan.patients, patient],
    [plan.encounters, encounter],
    [plan.conditions, condition],
    [plan.observations, observation],
  ];
  for (const [count, make] of makers) {
    for (let index = 0; index < count; index += 1) {
      const resource = make(plan, index);
      if (!resource.id) throw new Error(`a generated ${resource.resourceType} has no id`);
      yield resource as Resource & { id: string };
    }
  }
}

export const resourceCount = (plan: DataPlan): number =>
  plan.organizations +
  plan.practitioners +
  plan.patients +
  plan.encounters +
  plan.conditions +
  plan.observations;
