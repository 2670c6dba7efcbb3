import { expect, test } from '@jest/globals';
import type { Resource } from '../../server/src/fhir/resource.ts';
import { measureValidation } from '../src/validation/measure.ts';

test('each validator is given every resource, and what has to be loaded first is awaited', async () => {
  const resources = Array.from({ length: 3 }, (_, i): Resource => ({ resourceType: 'Patient', id: `p${i}` }));
  const met = { ours: new Set<unknown>(), medplum: new Set<unknown>() };
  const figures = await measureValidation(
    {
      name: 'x',
      title: 'X',
      resources,
      target: { of: 'meanUs', us: 1 },
      ours: (resource) => Promise.resolve(met.ours.add(resource)),
      medplum: (resource) => void met.medplum.add(resource),
    },
    1,
  );
  expect([met.ours.size, met.medplum.size]).toEqual([3, 3]);
  expect(figures).toMatchObject({ name: 'x', resources: 3, target: { us: 1 } });
  for (const name of ['p50Us', 'meanUs', 'jsonUs', 'medplumUs', 'toJson', 'overMedplum'] as const) {
    expect(figures[name]).toBeGreaterThan(0);
  }
});
