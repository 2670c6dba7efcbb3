import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Invoice, PaymentNotice, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { People } from '../../server/test/support/people.ts';
import type { BotEvent } from '../lib/define/define.ts';
import { bot as webhookBot, handler as webhook } from '../payment-webhook/bot.ts';
import { bot as refundBot, handler as refund } from '../refund/bot.ts';
import { clinic, patient, type Stored } from '../test/billing/clinic.ts';
import { signedWord, StripeHost } from '../test/billing/stripeHost.ts';
import { Interruption } from '../test/support/interrupted.ts';
import { BotWorkshop, type Trial } from '../test/support/workshop.ts';
import { bot, handler } from './bot.ts';

const WEBHOOK_SECRET = 'whsec_test';
let workshop: BotWorkshop;
let stripe: StripeHost;
let secrets: Record<string, string>;

beforeAll(async () => {
  workshop = await BotWorkshop.open({ roles: true });
  stripe = await StripeHost.open();
  secrets = { STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_URL: stripe.url, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET };
  for (const one of [clinic, patient]) await workshop.put(one);
  // What is written in a trial goes with it: the rights of the other bots are written before.
  for (const other of [bot, webhookBot, refundBot]) await workshop.clientOf(other);
});
afterAll(async () => {
  await stripe.close();
  await workshop.close();
});
beforeEach(() => stripe.reset());

const invoice = (changes: Partial<Invoice> = {}): Stored<Invoice> => ({
  resourceType: 'Invoice',
  id: 'i1',
  identifier: [
    { system: 'https://maxray.example/fhir/sid/invoice', value: 'BILL1' },
    { system: 'https://maxray.example/fhir/sid/bill', value: 'BILL1' },
  ],
  status: 'issued',
  subject: { reference: 'Patient/ada' },
  recipient: { reference: 'Patient/ada' },
  issuer: { reference: 'Organization/clinic' },
  totalGross: { value: 18.05, currency: 'USD' },
  ...changes,
});

const asked = (requester = 'Patient/ada'): BotEvent => ({
  ...workshop.events(bot).ofOperation({ invoice: 'Invoice/i1' }, { secrets }),
  requester: { reference: requester },
});
const told = (word: { body: string; signature: string }): BotEvent<string> =>
  workshop
    .events(webhookBot)
    .ofOperation(word.body, { secrets, headers: { 'stripe-signature': word.signature } });

/** Each bot of the flow is called by what the one before it left. */
const flow = (steps: readonly ('pay' | 'word' | 'refund')[]): Trial => ({
  bot,
  // Before a request to the server is after whatever was asked of the gateway before it.
  kinds: ['killed-before'],
  handler: (interruption) => async (medplum, event) => {
    const done: unknown[] = [];
    for (const step of steps) {
      if (step === 'pay') done.push(await handler(medplum, event as never));
      if (step === 'word') {
        const word = signedWord(stripe.succeed([...stripe.held.keys()][0]!), WEBHOOK_SECRET, Date.now());
        done.push(await webhook(await workshop.clientOf(webhookBot, interruption), told(word)));
      }
      if (step === 'refund') {
        const client = await workshop.clientOf(refundBot, interruption);
        const payment = (await workshop.search<Stored<PaymentReconciliation>>('PaymentReconciliation')).find(
          ({ paymentAmount }) => paymentAmount.value! > 0,
        );
        const input = { payment: `PaymentReconciliation/${payment!.id}` };
        done.push(await refund(client, workshop.events(refundBot).ofOperation(input, { secrets })));
      }
    }
    return done;
  },
  arrange: async () => {
    stripe.reset();
    await workshop.put(invoice());
    return asked();
  },
  outside: () => [...stripe.held.values()],
});

const read = <T extends { resourceType: string }>(stored: readonly string[], type: T['resourceType']): T[] =>
  stored
    .map((text) => JSON.parse(text) as T & { own: string })
    .filter(({ own }) => own.split('/')[0] === type);

describe('a payment by card', () => {
  test('balances the invoice when the gateway says that it was made', async () => {
    const { result, stored, outside } = await workshop.run(flow(['pay', 'word']));
    expect(result).toMatchObject([
      { status: 'requires_payment_method', clientSecret: 'pi_1_secret', amount: 1805, currency: 'usd' },
      'i1',
    ]);
    expect(outside).toMatchObject([
      { amount: 1805, currency: 'usd', metadata: { payment: 'BILL1-P1', invoice: 'i1' } },
    ]);
    expect(read<Invoice>(stored, 'Invoice')).toMatchObject([{ status: 'balanced' }]);
    expect(read<PaymentReconciliation>(stored, 'PaymentReconciliation')).toMatchObject([
      {
        status: 'active',
        outcome: 'complete',
        paymentAmount: { value: 18.05, currency: 'USD' },
        paymentIdentifier: { value: 'pi_1' },
      },
    ]);
    expect(read<PaymentNotice>(stored, 'PaymentNotice')).toMatchObject([
      { amount: { value: 18.05 }, request: { reference: 'Invoice/i1' } },
    ]);
  });

  test('is seen by who paid, and by no other patient', async () => {
    const people = new People(workshop.server);
    await people.prepare('maxray-patient');
    const patientOf = async (id: string): Promise<MedplumClient> => {
      const standing = { profile: `Patient/${id}`, policies: ['maxray-patient'] };
      const [, accessToken] = (await people.client(`of-${id}`, standing)).split(' ');
      return new MedplumClient({
        baseUrl: workshop.server.url,
        fhirUrlPath: 'fhir/R4',
        accessToken: accessToken!,
      });
    };
    await workshop.put({ ...patient, id: 'bob' });
    const seen: string[][] = [];
    await workshop.run({
      ...flow([]),
      handler: () => async (medplum, event) => {
        await flow(['pay', 'word']).handler(new Interruption())(medplum, event);
        for (const id of ['ada', 'bob']) {
          const client = await patientOf(id);
          const found = await Promise.all([
            client.searchResources('Invoice'),
            client.searchResources('PaymentNotice'),
          ]);
          seen.push(found.flat().map(({ resourceType }) => resourceType));
        }
      },
    });
    expect(seen).toEqual([['Invoice', 'PaymentNotice'], []]);
  });

  test('is begun and noted once, though it is asked or told twice, or cut off anywhere', async () => {
    const { stored, outside } = await workshop.run(flow(['pay', 'pay', 'word', 'word', 'pay']));
    expect(read(stored, 'PaymentReconciliation')).toHaveLength(1);
    expect(read(stored, 'PaymentNotice')).toHaveLength(1);
    expect(outside).toHaveLength(1);
    expect(await workshop.expectToSurvive(flow(['pay', 'word']))).toBeGreaterThan(6);
  });

  test('is refunded once, though it is asked twice or cut off anywhere', async () => {
    const { stored, outside } = await workshop.run(flow(['pay', 'word', 'refund', 'refund']));
    expect(outside).toMatchObject([{ id: 'pi_1' }, { id: 're_2', amount: 1805 }]);
    expect(read<Invoice>(stored, 'Invoice')).toMatchObject([{ status: 'cancelled' }]);
    expect(
      read<PaymentReconciliation>(stored, 'PaymentReconciliation')
        .map(({ paymentAmount }) => paymentAmount.value)
        .sort(),
    ).toEqual([-18.05, 18.05]);
    expect(await workshop.expectToSurvive({ ...flow(['pay', 'word', 'refund']) })).toBeGreaterThan(9);
  });

  test('is not believed without the signature of the gateway over these bytes, made lately', async () => {
    await workshop.put(invoice());
    await handler(await workshop.clientOf(bot), asked() as never);
    const word = signedWord(stripe.succeed('pi_1'), WEBHOOK_SECRET, Date.now());
    const client = await workshop.clientOf(webhookBot);
    const forged = signedWord(
      { type: 'payment_intent.succeeded', object: stripe.held.get('pi_1')! },
      'whsec_other',
      Date.now(),
    );
    const old = signedWord(
      { type: 'payment_intent.succeeded', object: stripe.held.get('pi_1')! },
      WEBHOOK_SECRET,
      Date.now() - 3_600_000,
    );
    for (const wrong of [
      { ...word, body: word.body.replace('1805', '1') },
      forged,
      old,
      { ...word, signature: '' },
    ])
      await expect(webhook(client, told(wrong))).rejects.toThrow();
    expect(await workshop.search('Invoice')).toMatchObject([{ status: 'issued' }]);
  });

  test('is for who is billed; a payment of what is cancelled is told to people', async () => {
    await workshop.put(invoice());
    await expect(handler(await workshop.clientOf(bot), asked('Patient/other') as never)).rejects.toThrow(
      'not yours',
    );
    await workshop.put(invoice({ status: 'cancelled' }));
    expect(await handler(await workshop.clientOf(bot), asked() as never)).toEqual({ status: 'cancelled' });
    const [payment] = await workshop.search('PaymentReconciliation?status=draft');
    expect(payment).toBeDefined(); // of the test before: it is paid after all
    const word = signedWord(
      {
        type: 'payment_intent.succeeded',
        object: { id: 'pi_1', amount_received: 1805, currency: 'usd', metadata: { payment: 'BILL1-P1' } },
      },
      WEBHOOK_SECRET,
      Date.now(),
    );
    await webhook(await workshop.clientOf(webhookBot), told(word));
    expect(await workshop.search<Stored<Task>>('Task')).toMatchObject([
      { description: expect.stringContaining('18.05 USD more') },
    ]);
  });
});
