import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Invoice, Task } from '@medplum/fhirtypes';
import { settledLines } from '../lib/bills/adjudication.ts';
import { withLines } from '../lib/bills/invoice.ts';
import type { BotDefinition, BotEvent, BotHandler } from '../lib/define/define.ts';
import { bot as correctionBot, handler as correction } from '../claim-correction/bot.ts';
import { bot as insurersBot, handler as insurers } from '../insurers/bot.ts';
import type { Service } from '../lib/bills/services.ts';
import { coverage, encounter, type Stored } from '../test/billing/clinic.ts';
import { BillingFlow, totals } from '../test/billing/flow.ts';
import { CLEARED, clear, furnish } from '../test/billing/world.ts';
import { TestPayer } from '../test/billing/payer.ts';
import { BotWorkshop, type Trial } from '../test/support/workshop.ts';
import { bot as billingBot, handler as billing } from './bot.ts';

let workshop: BotWorkshop;
let payer: TestPayer;
let flow: BillingFlow;

beforeAll(async () => {
  workshop = await BotWorkshop.open({ roles: true });
  payer = await TestPayer.open();
  flow = new BillingFlow(workshop);
  await furnish(workshop, payer.url);
});
afterAll(async () => {
  await payer.close();
  await workshop.close();
});

afterEach(async () => {
  payer.reset();
  await clear(workshop);
});

let visits = 0;
async function visit(...coverages: Stored[]): Promise<Service> {
  for (const one of coverages) await workshop.put(one);
  const made = encounter(`visit-${++visits}`, {
    diagnosis: [{ condition: { reference: 'Condition/cough' } }],
  });
  await flow.charge(made);
  return made;
}

const FHIR = () => coverage('first', 'saguaro', 1);
const X12 = () => coverage('second', 'mesa', 2);
const tasks = () => workshop.search<Stored<Task>>('Task');

describe('a bill', () => {
  test('of nobody insured is issued to the patient', async () => {
    await visit();
    await flow.settle();
    const { invoices, claims } = await flow.state();
    expect(invoices).toMatchObject([{ status: 'issued', totalGross: { value: 100.01, currency: 'USD' } }]);
    expect(invoices[0]!.date).toBeDefined();
    expect(claims).toEqual([]);
  });

  describe.each([
    ['FHIR', FHIR],
    ['X12', X12],
  ])('of an insurer reached by %s', (_way, insured) => {
    test('is paid in part: the share is the patient’s, the write-off nobody’s', async () => {
      payer.reset({ decision: 'partial', doubles: true });
      await visit(insured());
      await flow.settle();
      const state = await flow.state();
      expect(state.claims).toMatchObject([
        {
          meta: { profile: ['https://maxray.example/fhir/StructureDefinition/maxray-claim'] },
          total: { value: 100.01, currency: 'USD' },
          item: [{ net: { value: 100.01 } }],
        },
      ]);
      expect(state.invoices).toMatchObject([
        {
          status: 'issued',
          totalGross: { value: 18 },
          lineItem: [
            {
              priceComponent: [
                { type: 'base', amount: { value: 100.01 } },
                { type: 'deduction', amount: { value: -72.01 } },
                { type: 'discount', amount: { value: -10 } },
              ],
            },
          ],
        },
      ]);
      expect(state.responses).toMatchObject([{ outcome: 'complete' }]);
      expect(state.benefits).toMatchObject([
        { status: 'active', outcome: 'complete', claim: { reference: `Claim/${state.claims[0]!.id}` } },
      ]);
      expect(state.payments).toMatchObject([
        { paymentAmount: { value: 72.01 }, paymentIdentifier: { value: expect.stringContaining('EFT-') } },
      ]);
      expect([...payer.claims.values()]).toMatchObject([
        { state: 'decided', lines: [{ cents: 10001, procedure: 'G0463' }] },
      ]);
    });

    test('is denied: all is the patient’s', async () => {
      payer.reset({ decision: 'deny' });
      await visit(insured());
      await flow.settle();
      const state = await flow.state();
      expect(totals(state)).toEqual([100.01]);
      expect(state.benefits).toHaveLength(1);
      expect(state.payments).toEqual([]);
    });

    test('is decided later, and hung up on: claimed once', async () => {
      payer.reset({ delays: true, hangUps: 1 });
      await visit(insured());
      await expect(flow.settle()).rejects.toThrow('does not answer'); // while it asks for eligibility
      payer.manners.hangUps = 0;
      await flow.settle();
      expect(await flow.state()).toMatchObject({
        invoices: [{ status: 'draft' }],
        responses: [{ outcome: 'queued' }],
        benefits: [],
      });
      payer.decide();
      expect(await flow.followUp()).toMatchObject({ waiting: 1, decided: 1, failed: 0 });
      await flow.settle();
      expect(await flow.state()).toMatchObject({
        invoices: [{ status: 'balanced', totalGross: { value: 0 } }],
        responses: [{ outcome: 'complete' }],
        payments: [{ paymentAmount: { value: 100.01 } }],
      });
      expect(payer.claims.size).toBe(1);
    });

    test('who insures nobody like that: is the patient’s', async () => {
      payer.reset({ insured: false });
      await visit(insured());
      await flow.settle();
      expect(await flow.state()).toMatchObject({
        invoices: [{ status: 'issued', totalGross: { value: 100.01 } }],
        claims: [],
      });
    });

    test('and refused unread is handed to people, and not issued', async () => {
      payer.reset({ refuses: true });
      await visit(insured());
      await flow.settle();
      expect(await flow.state()).toMatchObject({
        invoices: [{ status: 'draft' }],
        responses: [{ outcome: 'error' }],
        benefits: [],
      });
      expect(await tasks()).toMatchObject([
        { description: expect.stringContaining('refused the claim unread') },
      ]);
    });
  });

  test('of two insurers goes to one after the other, each told what was paid before', async () => {
    payer.reset({ decision: 'partial' });
    await visit(FHIR(), X12());
    await flow.settle();
    const state = await flow.state();
    expect(state.claims).toHaveLength(2);
    expect(state.claims.find(({ insurance }) => insurance.length === 2)).toMatchObject({
      insurer: { reference: 'Organization/mesa' },
      insurance: [
        { focal: false, coverage: { reference: 'Coverage/first' } },
        { focal: true, coverage: { reference: 'Coverage/second' } },
      ],
    });
    expect([...payer.claims.values()].map(({ earlierCents }) => earlierCents)).toEqual([0, 8201]);
    expect(state.benefits).toHaveLength(2);
    // 18.00 was left: 90 % of it is the price, of which 80 % are paid.
    expect(state.invoices).toMatchObject([{ status: 'issued', totalGross: { value: 3.24 } }]);
  });

  test('is claimed again in place of a claim that was refused, and of one that was decided', async () => {
    payer.reset({ refuses: true });
    await visit(FHIR());
    await flow.settle();
    payer.manners.refuses = false;
    payer.manners.decision = 'deny';
    const [refused] = (await flow.state()).claims;
    const anew = await flow.correct(refused!.id);
    expect(await flow.correct(refused!.id)).toMatchObject({ id: anew.id }); // asked twice, made once
    await flow.settle();
    expect(totals(await flow.state())).toEqual([100.01]);
    payer.manners.decision = 'accept';
    const second = await flow.correct(anew.id);
    await flow.settle();
    const state = await flow.state();
    expect(state.claims.map(({ status }) => status).sort()).toEqual(['active', 'cancelled', 'cancelled']);
    expect(state.claims.find(({ id }) => id === second.id)).toMatchObject({
      related: [{ claim: { reference: `Claim/${anew.id}` } }],
    });
    expect(state.invoices).toMatchObject([{ status: 'balanced', totalGross: { value: 0 } }]);
    expect(state.benefits.map(({ status }) => status).sort()).toEqual(['active', 'cancelled']);
    expect([...payer.claims.values()].map(({ state: one }) => one)).toEqual(['decided', 'decided']); // none was made void
  });

  test('of what was not done is cancelled, and its claim withdrawn at the insurer', async () => {
    payer.reset({ decision: 'partial' });
    const made = await visit(X12());
    await flow.settle();
    await flow.cancelService({ ...made, status: 'entered-in-error' } as Service);
    await flow.settle();
    const state = await flow.state();
    expect(state).toMatchObject({
      invoices: [{ status: 'cancelled' }],
      claims: [{ status: 'cancelled' }],
      responses: [{ status: 'cancelled' }],
      benefits: [{ status: 'cancelled' }],
      payments: [{ status: 'cancelled' }],
    });
    expect(await workshop.search('PaymentNotice')).toMatchObject([{ status: 'cancelled' }]);
    expect([...payer.claims.values()]).toMatchObject([{ state: 'void' }]);
    expect(payer.interchanges.at(-1)).toMatch(/CLM\*[^~]*:B:8\*/);
    expect(payer.interchanges.at(-1)).toContain('REF*F8*P-');
    expect(await workshop.search('ChargeItem')).toMatchObject([{ status: 'entered-in-error' }]);
  });

  describe('cut off anywhere and begun again', () => {
    /** What a bill consists of when all is done, by type, as it was stored. */
    const found = new Map<string, Stored[]>();
    const undecided = (type: string): Stored[] => {
      if (type !== 'Invoice') return found.get(type)!;
      return (found.get(type) as Stored<Invoice>[]).map(({ lineItem, date: _date, ...invoice }) => ({
        ...invoice,
        status: 'draft',
        ...withLines(settledLines(lineItem!, [])),
      }));
    };
    const trial = (
      bot: BotDefinition,
      handler: BotHandler<never>,
      about: string,
      types: string[],
    ): Trial<never> => ({
      bot,
      handler: () => handler,
      kinds: ['killed-before'],
      arrange: async () => {
        payer.reset({ decision: 'partial' });
        for (const type of types) for (const one of undecided(type)) await workshop.put(one);
        return workshop.events(bot).ofCriteria(undecided(about)[0]!) as BotEvent<never>;
      },
      outside: () => [...payer.claims.values()].map(({ times: _times, ...claim }) => claim),
    });

    beforeAll(async () => {
      payer.reset({ decision: 'partial' });
      await visit(FHIR());
      await flow.settle();
      for (const type of CLEARED) found.set(type, await workshop.search(type));
      await clear(workshop);
    });

    const BILL = ['Account', 'ChargeItem', 'Invoice', 'Coverage', 'CoverageEligibilityRequest'];
    test('a claim is sent once', async () => {
      const sending = trial(insurersBot, insurers as BotHandler<never>, 'Claim', ['Coverage', 'Claim']);
      const { stored, outside } = await workshop.run(sending);
      expect(stored.filter((text) => text.includes('"own":"ClaimResponse/'))).toHaveLength(1);
      expect(outside).toMatchObject([{ state: 'decided' }]);
      expect(await workshop.expectToSurvive(sending)).toBeGreaterThan(6);
    });

    test('a claim is made once', async () => {
      const types = [...BILL, 'CoverageEligibilityResponse'];
      const making = trial(billingBot, billing as BotHandler<never>, 'Invoice', types);
      const { stored } = await workshop.run(making);
      expect(stored.filter((text) => text.includes('"own":"Claim/'))).toHaveLength(1);
      expect(await workshop.expectToSurvive(making)).toBeGreaterThan(6);
    });

    test('a decision is posted once', async () => {
      const types = [...BILL, 'CoverageEligibilityResponse', 'Claim', 'ClaimResponse'];
      const posting = trial(billingBot, billing as BotHandler<never>, 'ClaimResponse', types);
      const { stored } = await workshop.run(posting);
      for (const type of ['ExplanationOfBenefit', 'PaymentReconciliation', 'PaymentNotice'])
        expect(stored.filter((text) => text.includes(`"own":"${type}/`))).toHaveLength(1);
      expect(await workshop.expectToSurvive(posting)).toBeGreaterThan(9);
    });

    test('a claim is corrected once', async () => {
      const types = [...BILL, 'CoverageEligibilityResponse', 'Claim', 'ClaimResponse'];
      const correcting: Trial<never> = {
        ...trial(correctionBot, correction as BotHandler<never>, 'Claim', types),
        arrange: async () => {
          for (const type of types) for (const one of undecided(type)) await workshop.put(one);
          const claim = `Claim/${found.get('Claim')![0]!.id}`;
          return workshop.events(correctionBot).ofOperation({ claim }) as BotEvent<never>;
        },
      };
      const { stored } = await workshop.run(correcting);
      const claims = stored.map((text) => JSON.parse(text)).filter(({ own }) => own.startsWith('Claim/'));
      expect(claims.map(({ status }) => status).sort()).toEqual(['active', 'cancelled']);
      expect(await workshop.expectToSurvive(correcting)).toBeGreaterThan(5);
    });
  });
});
