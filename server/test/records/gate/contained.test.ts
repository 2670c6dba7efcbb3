import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GateWorld, refusal } from './world.ts';

let world: GateWorld;
beforeAll(async () => {
  world = await GateWorld.open();
  await world.put({ resourceType: 'Patient', id: 'mine' }, { resourceType: 'Patient', id: 'other' });
});
afterAll(() => world.close());

describe('what is contained', () => {
  const containing = (id: string, patient: string) => ({
    ...{ resourceType: 'MedicationRequest', id, status: 'active', intent: 'order' },
    contained: [{ resourceType: 'Medication', id: 'm', code: { coding: [{ code: 'inside' }] } }],
    medicationReference: { reference: '#m' },
    subject: { reference: `Patient/${patient}` },
  });
  const mine = { resourceType: 'MedicationRequest', criteria: 'MedicationRequest?patient=Patient/mine' };
  const found = (caller: Parameters<GateWorld['search']>[0], more = '') =>
    world.search(caller, 'Medication', `code=inside&_contained=true&_total=accurate${more}`);
  beforeAll(() =>
    world.put(containing('c-mine', 'mine'), containing('c-other', 'other'), {
      ...{ resourceType: 'Medication', id: 'own', code: { coding: [{ code: 'inside' }] } },
    } as Parameters<GateWorld['put']>[0]),
  );

  test('is found in what may be seen, and counted there alone', async () => {
    const caller = world.caller(mine, { resourceType: 'Medication' });
    expect(await found(caller)).toMatchObject({ matches: ['MedicationRequest/c-mine'], total: 1 });
    expect(await found(caller, '&_containedType=contained')).toMatchObject({ matches: ['Medication/m'] });
    const both = await world.search(caller, 'Medication', 'code=inside&_contained=both&_total=accurate');
    expect(both).toMatchObject({ matches: ['Medication/own', 'MedicationRequest/c-mine'], total: 2 });
  });

  test('is not found where it is hidden, or its type may not be searched', async () => {
    const hiding = world.caller({ ...mine, hiddenFields: ['contained'] }, { resourceType: 'Medication' });
    expect(await found(hiding)).toMatchObject({ matches: [], total: 0 });
    expect(await refusal(found(world.caller(mine)))).toBe('forbidden');
    const some = world.caller(mine, { resourceType: 'Medication', criteria: 'Medication?_id=none' });
    const both = await world.search(some, 'Medication', 'code=inside&_contained=both&_total=accurate');
    expect(both).toMatchObject({ matches: ['MedicationRequest/c-mine'], total: 1 });
  });

  test('fulfils no criteria of a policy', async () => {
    const visible = (criteria: string) =>
      world.search(
        world.caller({ resourceType: 'MedicationRequest', criteria }, { resourceType: 'Medication' }),
        'MedicationRequest',
        '_id=c-mine',
      );
    expect(await visible('MedicationRequest?_id=c-mine')).toMatchObject({
      matches: ['MedicationRequest/c-mine'],
    });
    for (const criteria of ['medication.code=inside', '_filter=medication.code eq inside'])
      expect(await visible(`MedicationRequest?${criteria}`)).toMatchObject({ matches: [] });
    const hidden = await visible('MedicationRequest?_filter=not (medication.code eq inside)');
    expect(hidden).toMatchObject({ matches: ['MedicationRequest/c-mine'] });
  });

  test('is followed by chains under the same terms', async () => {
    const chained = (...policies: Parameters<GateWorld['caller']>) =>
      world.search(world.caller(...policies), 'MedicationRequest', 'medication.code=inside');
    const found = { matches: ['MedicationRequest/c-mine'] };
    expect(await chained(mine, { resourceType: 'Medication' })).toMatchObject(found);
    expect(
      await chained(mine, { resourceType: 'Medication', criteria: 'Medication?_id=none' }),
    ).toMatchObject(found);
    const nothing = { matches: [] };
    expect(await chained(mine)).toMatchObject(nothing);
    expect(
      await chained({ ...mine, hiddenFields: ['contained'] }, { resourceType: 'Medication' }),
    ).toMatchObject(nothing);
  });
});
