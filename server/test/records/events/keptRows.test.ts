import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/resource.ts';
import { LOCAL_CALLER } from '../../../src/records/caller.ts';
import { GateWorld } from '../gate/world.ts';

let world: GateWorld;
beforeAll(async () => {
  world = await GateWorld.open();
});
afterAll(() => world.close());

const META = {
  profile: ['http://example.org/StructureDefinition/any'],
  tag: [{ system: 'urn:tag', code: 'a' }],
  source: 'urn:source',
};
const RESOURCES: object[] = [
  {
    resourceType: 'Patient',
    id: 'whole',
    meta: META,
    language: 'de',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Müller</div>' },
    contained: [{ resourceType: 'Organization', id: 'o', name: 'Praxis' }],
    identifier: [{ system: 'urn:mrn', value: '1' }],
    name: [{ family: 'Müller', given: ['Zoë', 'Anna'] }],
    birthDate: '1970-01',
    managingOrganization: { reference: '#o' },
    generalPractitioner: [{ reference: 'http://elsewhere.org/fhir/Practitioner/1' }],
  },
  {
    resourceType: 'Observation',
    id: 'whole',
    meta: META,
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'Heart rate' },
    subject: { reference: 'Patient/whole' },
    effectivePeriod: { start: '2024-01-01T08:00:00+02:00' },
    valueQuantity: { value: 72.5, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  },
];

test('what is kept of a write is what the stored version comes to', async () => {
  const { records, store } = world;
  const { recent } = store.outbox;
  recent.keepOf(['Patient', 'Observation']);
  for (const resource of RESOURCES as (Resource & { id: string })[]) {
    const { resourceType: type, id } = resource;
    for (let writes = 0; writes < 2; writes++) {
      await records.update(LOCAL_CALLER, type, id, { value: resource, exact: resource });
      const stored = JSON.parse((await records.read(LOCAL_CALLER, type, id)).content) as Resource;
      const kept = recent.take(type, id, stored.meta!, store.indexer.revision);
      expect(kept).toBeDefined();
      expect(kept).toEqual(store.indexer.index(stored));
    }
    const made = await records.create(LOCAL_CALLER, type, { value: resource, exact: resource });
    const stored = JSON.parse(made.content!) as Resource;
    expect(recent.take(type, made.id, stored.meta!, store.indexer.revision)).toEqual(
      store.indexer.index(stored),
    );
  }
});
