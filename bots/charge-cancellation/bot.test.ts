import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ChargeItem, Claim, Invoice, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { SYSTEMS } from '../lib/bills/identifiers.ts';
import type { Service } from '../lib/bills/services.ts';
import { clinic, encounter, HCPCS, patient, type Stored } from '../test/billing/clinic.ts';
import { BotWorkshop, type Trial } from '../test/support/workshop.ts';
import { bot, handler } from './bot.ts';

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
  for (const one of [clinic, patient]) await workshop.put(one);
});
afterAll(() => workshop.close());

const account = (): Stored => ({
  resourceType: 'Account',
  id: 'a1',
  status: 'active',
  subject: [{ reference: 'Patient/ada' }],
});
const visit = (status: 'finished' | 'entered-in-error'): Service =>
  encounter('e1', { status }) as unknown as Service;

const item = (id: string, status: ChargeItem['status'], changes: Partial<ChargeItem> = {}): Stored => ({
  resourceType: 'ChargeItem',
  id,
  identifier: [{ system: SYSTEMS.charged, value: 'Encounter/e1' }],
  status,
  code: { coding: [{ system: HCPCS, code: 'G0463' }] },
  subject: { reference: 'Patient/ada' },
  context: { reference: 'Encounter/e1' },
  account: [{ reference: 'Account/a1' }],
  ...changes,
});

const invoice = (...charges: string[]): Stored<Invoice> => ({
  resourceType: 'Invoice',
  id: 'i1',
  identifier: [{ system: SYSTEMS.bill, value: 'BILL1' }],
  status: 'issued',
  subject: { reference: 'Patient/ada' },
  issuer: { reference: 'Organization/clinic' },
  account: { reference: 'Account/a1' },
  lineItem: charges.map((id) => ({ chargeItemReference: { reference: `ChargeItem/${id}` } })),
  totalGross: { value: 10, currency: 'USD' },
});

const payment = (status: PaymentReconciliation['status']): Stored<PaymentReconciliation> => ({
  resourceType: 'PaymentReconciliation',
  id: 'p1',
  identifier: [{ system: SYSTEMS.bill, value: 'BILL1' }],
  status,
  created: '2026-06-02',
  paymentDate: '2026-06-02',
  paymentAmount: { value: 10, currency: 'USD' },
  detail: [{ type: { text: 'payment' }, request: { reference: 'Invoice/i1' } }],
});

const trial = (service: Service, ...others: Stored[]): Trial<Service> => ({
  bot,
  handler: () => handler,
  kinds: ['killed-before'],
  arrange: async () => {
    for (const one of [account(), ...others]) await workshop.put(one);
    return workshop.events(bot).ofCriteria(await workshop.put(service));
  },
});

type Kept = { own: string; status: string };
const statuses = (stored: readonly string[], type: string): string[] =>
  stored
    .map((text) => JSON.parse(text) as Kept)
    .filter(({ own }) => own.startsWith(`${type}/`))
    .map(({ status }) => status);
const tasks = (stored: readonly string[]): Task[] =>
  stored.map((text) => JSON.parse(text) as Task & Kept).filter(({ own }) => own.startsWith('Task/'));

describe('what was charged for a visit that was not', () => {
  test('goes before it is billed, once, though the run is cut off anywhere', async () => {
    const unbilled = trial(visit('entered-in-error'), item('c1', 'billable'), item('c2', 'billable'));
    const { result, stored } = await workshop.run(unbilled);
    expect(result).toEqual({ charges: 2 });
    expect(statuses(stored, 'ChargeItem')).toEqual(['entered-in-error', 'entered-in-error']);
    expect(await workshop.expectToSurvive(unbilled)).toBeGreaterThan(2);
  });

  test('goes with its invoice, and what else was billed for it stays with people', async () => {
    const whole = trial(visit('entered-in-error'), item('c1', 'billed'), invoice('c1'));
    const { stored } = await workshop.run(whole);
    expect(statuses(stored, 'Invoice')).toEqual(['cancelled']);
    expect(statuses(stored, 'ChargeItem')).toEqual(['entered-in-error']);
    expect(await workshop.expectToSurvive(whole)).toBeGreaterThan(4);

    const other = item('other', 'billed', {
      identifier: [{ system: SYSTEMS.charged, value: 'Encounter/e2' }],
    });
    const shared = trial(visit('entered-in-error'), item('c1', 'billed'), other, invoice('c1', 'other'));
    const left = await workshop.run(shared);
    expect(statuses(left.stored, 'Invoice')).toEqual(['issued']);
    expect(statuses(left.stored, 'ChargeItem')).toEqual(['billed', 'billed']);
    expect(tasks(left.stored)).toMatchObject([
      {
        description: expect.stringContaining('bill what is right'),
        owner: { reference: 'Organization/clinic' },
      },
    ]);
    await workshop.expectTwiceAsOnce(shared);
  });

  test.each([
    ['active', 1],
    ['draft', 1],
    ['cancelled', 0],
  ] as const)('and was paid: with a payment that is %s, %i person is asked', async (status, asked) => {
    const paid = trial(visit('entered-in-error'), item('c1', 'billed'), invoice('c1'), payment(status));
    const { stored } = await workshop.run(paid);
    expect(statuses(stored, 'Invoice')).toEqual(['cancelled']);
    expect(tasks(stored)).toHaveLength(asked);
    if (asked > 0) expect(tasks(stored)[0]!.description).toContain('refund');
    await workshop.expectTwiceAsOnce(paid);
  });

  test('stays when it was one after all', async () => {
    const kept = trial(visit('finished'), item('c1', 'billed'), invoice('c1'));
    const { result, stored } = await workshop.run(kept);
    expect(result).toBe('not in error any more');
    expect(statuses(stored, 'ChargeItem')).toEqual(['billed']);
  });

  test('and claimed: open claims go, others stay', async () => {
    const claim = (id: string, status: Claim['status']): Stored<Claim> => ({
      resourceType: 'Claim',
      id,
      identifier: [{ system: SYSTEMS.bill, value: 'BILL1' }],
      status,
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }],
      },
      use: 'claim',
      patient: { reference: 'Patient/ada' },
      created: '2026-06-02',
      provider: { reference: 'Organization/clinic' },
      priority: { text: 'normal' },
      insurance: [{ sequence: 1, focal: true, coverage: { display: 'Saguaro' } }],
    });
    const claimed = trial(
      visit('entered-in-error'),
      item('c1', 'billed'),
      invoice('c1'),
      claim('open', 'active'),
      claim('wrong', 'entered-in-error'),
    );
    const { stored } = await workshop.run(claimed);
    expect(statuses(stored, 'Claim').sort()).toEqual(['cancelled', 'entered-in-error']);
  });
});
