import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Account,
  ChargeItem,
  DiagnosticReport,
  Invoice,
  MedicationDispense,
  Task,
} from '@medplum/fhirtypes';
import type { Service } from '../lib/bills/services.ts';
import {
  clinic,
  coverage,
  definition,
  encounter,
  HCPCS,
  insurer,
  patient,
  type Stored,
} from '../test/billing/clinic.ts';
import { BotWorkshop, type Trial } from '../test/support/workshop.ts';
import { QUANTITY_EXTENSION } from '../lib/prices/priceList.ts';
import { bot, handler } from './bot.ts';

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
  for (const one of [
    clinic,
    insurer('saguaro'),
    patient,
    coverage('first', 'saguaro', 1),
    definition('visit', 'Encounter', 'G0463', { amount: 128, tax: 0.077 }),
    definition('visit-old', 'Encounter', 'G0463', { amount: 99, effectivePeriod: { end: '2025-12-31' } }),
    definition('tablets', 'MedicationDispense', 'J8499', {
      amount: 0.335,
      extension: [
        {
          url: QUANTITY_EXTENSION,
          valueExpression: { language: 'text/fhirpath', expression: "quantity.where(code = '{tablet}')" },
        },
      ],
    }),
    definition('lipids', 'DiagnosticReport', '80061', {
      amount: 42,
      applicability: [{ expression: "code.coding.where(system = 'http://loinc.org').code = '24331-1'" }],
    }),
  ])
    await workshop.put(one);
});
afterAll(() => workshop.close());

const trial = (...services: Service[]): Trial<Service> => ({
  bot,
  handler: () => handler,
  // A kill before a call is one after the call before; what fails is not caught, and so as good as killed.
  kinds: ['killed-after'],
  arrange: async () => {
    let last: Service | undefined;
    for (const service of services) last = await workshop.put(service);
    return workshop.events(bot).ofCriteria(last!);
  },
});

const run = async (service: Service): Promise<unknown> =>
  handler(await workshop.clientOf(bot), workshop.events(bot).ofCriteria(service));

const prescription = (id: string, visit: string): never =>
  ({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Tablets' },
    subject: { reference: 'Patient/ada' },
    encounter: { reference: `Encounter/${visit}` },
  }) as never;

const dispense = (id: string, visit?: string, order?: string): Stored<MedicationDispense> => ({
  resourceType: 'MedicationDispense',
  id,
  status: 'completed',
  medicationCodeableConcept: { text: 'Tablets' },
  subject: { reference: 'Patient/ada' },
  ...(visit && { context: { reference: `Encounter/${visit}` } }),
  ...(order && { authorizingPrescription: [{ reference: `MedicationRequest/${order}` }] }),
  quantity: { value: 30, unit: 'tablet', system: 'http://unitsofmeasure.org', code: '{tablet}' },
  whenHandedOver: '2026-06-01T09:20:00-07:00',
});

const report = (id: string, visit: string): Stored<DiagnosticReport> => ({
  resourceType: 'DiagnosticReport',
  id,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '24331-1' }] },
  subject: { reference: 'Patient/ada' },
  encounter: { reference: `Encounter/${visit}` },
  effectiveDateTime: '2026-06-03T08:00:00-07:00',
});

const read = <T extends { resourceType: string }>(stored: readonly string[], type: T['resourceType']): T[] =>
  stored
    .map((text) => JSON.parse(text) as T & { own: string })
    .filter(({ own }) => own.split('/')[0] === type);

describe('a finished visit', () => {
  test('makes ChargeItem, Account and draft Invoice, with tax', async () => {
    const { stored } = await workshop.run(trial(encounter('e1')));
    const [item] = read<ChargeItem>(stored, 'ChargeItem');
    expect(item).toMatchObject({
      status: 'billed',
      context: { reference: 'Encounter/e1' },
      quantity: { value: 1 },
    });
    expect(read<Account>(stored, 'Account')).toMatchObject([
      {
        subject: [{ reference: 'Patient/ada' }],
        coverage: [{ coverage: { reference: 'Coverage/first' }, priority: 1 }],
      },
    ]);
    expect(read<Invoice>(stored, 'Invoice')).toMatchObject([
      {
        status: 'draft',
        issuer: { reference: 'Organization/clinic' },
        totalNet: { value: 128, currency: 'USD' },
        totalGross: { value: 137.86, currency: 'USD' },
      },
    ]);
  });

  test('is charged once, though its event comes twice, or its run is cut off anywhere', async () => {
    const cut = trial(encounter('e1'), dispense('d1', 'e1'));
    await workshop.expectTwiceAsOnce(cut);
    expect(await workshop.expectToSurvive(cut)).toBeGreaterThan(8);
  });

  test('is billed with what was done in it, found by its order', async () => {
    const running = encounter('e1', { status: 'in-progress' });
    const early = await workshop.run(
      trial(running, prescription('m1', 'e1'), dispense('d1', undefined, 'm1')),
    );
    expect(read<ChargeItem>(early.stored, 'ChargeItem')).toMatchObject([
      {
        status: 'billable',
        context: { reference: 'Encounter/e1' },
        quantity: { value: 30, code: '{tablet}' },
      },
    ]);
    expect(read<Invoice>(early.stored, 'Invoice')).toEqual([]);

    const both = async (event: Service): Promise<void> => void (await run(event));
    const { stored } = await workshop.run({
      ...trial(running),
      handler: () => async () => {
        await both(await workshop.put(dispense('d1', 'e1')));
        await both(await workshop.put(encounter('e1')));
        await both(await workshop.put(report('r1', 'e1')));
      },
    });
    const invoices = read<Invoice>(stored, 'Invoice');
    expect(invoices.map(({ lineItem, totalGross }) => [lineItem?.length, totalGross?.value]).sort()).toEqual([
      [1, 42],
      [2, 147.91],
    ]);
  });

  test('is not charged again where somebody has charged it, and not when it is in error', async () => {
    const byHand: Stored<ChargeItem> = {
      resourceType: 'ChargeItem',
      id: 'by-hand',
      status: 'billed',
      code: { coding: [{ system: HCPCS, code: 'G0463' }] },
      subject: { reference: 'Patient/ada' },
      context: { reference: 'Encounter/e1' },
    };
    const { stored } = await workshop.run(trial(encounter('e1'), byHand as never, encounter('e1')));
    expect(read<ChargeItem>(stored, 'ChargeItem')).toHaveLength(1);
    const wrong = await workshop.run({
      ...trial(encounter('e1')),
      handler: () => async () => {
        await workshop.put(encounter('e1', { status: 'entered-in-error' }));
        await run(encounter('e1'));
      },
    });
    expect(read<ChargeItem>(wrong.stored, 'ChargeItem')).toEqual([]);
  });

  test('is told to people where the price list cannot be understood', async () => {
    const broken = definition('broken', 'Encounter', 'X', {
      amount: 1,
      propertyGroup: [{ priceComponent: [{ type: 'tax', factor: 1 }] }],
    });
    const { stored } = await workshop.run(trial(broken as never, encounter('e1')));
    expect(read<ChargeItem>(stored, 'ChargeItem')).toHaveLength(1);
    expect(read<Task>(stored, 'Task')).toMatchObject([
      {
        owner: { reference: 'Organization/clinic' },
        description: expect.stringContaining('exactly one price component'),
      },
    ]);
  });
});
