import type { DataPlan } from '../data/plan.ts';
import { resources } from '../data/resources.ts';

const ENTRIES_PER_BUNDLE = 200;

export interface LoadBundle {
  entries: number;
  text: string;
}

/** The plan's resources as transaction bundles of PUTs with given ids, so that loading again changes nothing but versions. */
export function* bundles(plan: DataPlan): Generator<LoadBundle> {
  let entry: object[] = [];
  const bundle = (): LoadBundle => {
    const made = {
      entries: entry.length,
      text: JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }),
    };
    entry = [];
    return made;
  };
  for (const resource of resources(plan)) {
    const url = `${resource.resourceType}/${resource.id}`;
    entry.push({ fullUrl: `https://example.org/fhir/${url}`, resource, request: { method: 'PUT', url } });
    if (entry.length === ENTRIES_PER_BUNDLE) yield bundle();
  }
  if (entry.length) yield bundle();
}
