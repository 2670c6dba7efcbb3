import { expect, test } from '@jest/globals';
import { loadProfiles } from '@maxray/fhir-profiles';
import { ownValidator } from '../../fhir-profiles/test/support/validator.ts';
import type { Resource } from '@maxray/server/src/fhir/resource.ts';
import { errorsOf, openR4 } from '@maxray/server/test/validation/profiles/support.ts';
import { demoClinic } from '../src/index.ts';

const resources = [...demoClinic()].flatMap(({ entry }) => entry.map(({ resource }) => resource));
/** What bots, browsers and the DICOM bridge make by themselves; of the demo nobody has a browser. */
const MADE_LATER = ['maxray-notification', 'maxray-push-subscription', 'maxray-unit-connection'];
const profiles = new Map(
  loadProfiles()
    .filter(({ id }) => !MADE_LATER.includes(id))
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

test('what claims a profile keeps to it', async () => {
  const r4 = await openR4();
  const validator = ownValidator(r4);
  const faults: unknown[] = [];
  for (const resource of resources.filter(({ meta }) => meta?.profile)) {
    // As a client gets it: decimals are raw JSON before.
    const read = JSON.parse(JSON.stringify(resource)) as Resource;
    const errors = errorsOf(await validator.validate(read));
    if (errors.length > 0) faults.push({ [`${read.resourceType}/${read.id}`]: errors });
  }
  await r4.remove();
  expect(faults).toEqual([]);
});

test('DICOM has room for its accession numbers and AE titles', () => {
  const values = resources
    .flatMap((one) => ('identifier' in one && Array.isArray(one.identifier) ? one.identifier : []))
    .filter(({ system = '' }) => /\/(accession|ae-title)$/.test(system))
    .map(({ value = '' }) => value);
  expect(values.length).toBeGreaterThan(10);
  expect(values.filter((value) => value.length > 16)).toEqual([]);
});
