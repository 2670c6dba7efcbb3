import { expect, test } from '@jest/globals';
import { loadProfiles } from '@maxray/fhir-profiles';
import { demoClinic } from '../src/index.ts';

const resources = [...demoClinic()].flatMap(({ entry }) => entry.map(({ resource }) => resource));
const profiles = new Map(
  loadProfiles()
    .filter((one) => one.resourceType === 'StructureDefinition' && one.kind === 'resource')
    .map((one) => [one.url, 'type' in one ? one.type : undefined]),
);

test("every profile of MaxRay's is claimed in the demo, by resources of its type, and no other", () => {
  const claimed = new Map(
    resources.flatMap(({ resourceType, meta }) => {
      return (meta?.profile ?? []).map((url) => [
        url as string | undefined,
        resourceType as string | undefined,
      ]);
    }),
  );
  expect(profiles.size).toBeGreaterThan(15);
  expect(new Map([...claimed].sort())).toEqual(new Map([...profiles].sort()));
});

test('DICOM has room for its accession numbers and AE titles', () => {
  const values = resources
    .flatMap((one) => ('identifier' in one && Array.isArray(one.identifier) ? one.identifier : []))
    .filter(({ system = '' }) => /\/(accession|ae-title)$/.test(system))
    .map(({ value = '' }) => value);
  expect(values.length).toBeGreaterThan(10);
  expect(values.filter((value) => value.length > 16)).toEqual([]);
});
