import type {
  Claim,
  ClaimResponse,
  ExplanationOfBenefit,
  Invoice,
  PaymentReconciliation,
} from '@medplum/fhirtypes';
import { bot as billingBot, handler as billing } from '../../billing/bot.ts';
import { bot as chargeBot, handler as charge } from '../../charge/bot.ts';
import { bot as cancellationBot, handler as cancellation } from '../../charge-cancellation/bot.ts';
import { bot as correctionBot, handler as correction } from '../../claim-correction/bot.ts';
import { bot as insurersBot, handler as insurers } from '../../insurers/bot.ts';
import type { Service } from '../../lib/bills/services.ts';
import type { BotWorkshop } from '../support/workshop.ts';
import type { Stored } from './clinic.ts';

/** What a bill has come to. */
export interface BillState {
  invoices: Stored<Invoice>[];
  claims: Stored<Claim>[];
  responses: Stored<ClaimResponse>[];
  benefits: Stored<ExplanationOfBenefit>[];
  payments: Stored<PaymentReconciliation>[];
}

/** Rounds in which each bot is told of all that it waits for: more than any bill takes. */
const ROUNDS_MAX = 12;

/** Runs the bots of billing as the server would, by what each waits for, until nothing changes any more. */
export class BillingFlow {
  readonly #workshop: BotWorkshop;

  constructor(workshop: BotWorkshop) {
    this.#workshop = workshop;
  }

  async charge(service: Service): Promise<void> {
    const told = await this.#workshop.put(service);
    await charge(await this.#workshop.clientOf(chargeBot), this.#workshop.events(chargeBot).ofCriteria(told));
  }

  /** Everything that is there about a patient is told, again and again: nothing may come of it twice. */
  async settle(): Promise<void> {
    let before = '';
    for (let round = 0; round < ROUNDS_MAX; round++) {
      for (const request of await this.#find('CoverageEligibilityRequest?status=active'))
        await this.insurers(request);
      for (const claim of await this.#find('Claim')) await this.insurers(claim);
      for (const type of [
        'Invoice?status=draft',
        'CoverageEligibilityResponse',
        'ClaimResponse',
        'Claim?status=cancelled',
      ])
        for (const told of await this.#find(type)) await this.billing(told);
      const now = await this.#versions();
      if (now === before) return;
      before = now;
    }
    throw new Error('the bill does not come to rest');
  }

  async billing(told: Stored): Promise<unknown> {
    const event = this.#workshop.events(billingBot).ofCriteria(told);
    return billing(await this.#workshop.clientOf(billingBot), event as never);
  }

  async insurers(told: Stored): Promise<unknown> {
    const event = this.#workshop.events(insurersBot).ofCriteria(told);
    return insurers(await this.#workshop.clientOf(insurersBot), event as never);
  }

  async correct(claim: string): Promise<Stored<Claim>> {
    const event = this.#workshop.events(correctionBot).ofOperation({ claim: `Claim/${claim}` });
    return (await correction(await this.#workshop.clientOf(correctionBot), event)) as Stored<Claim>;
  }

  async cancelService(service: Service): Promise<void> {
    const told = await this.#workshop.put(service);
    const event = this.#workshop.events(cancellationBot).ofCriteria(told);
    await cancellation(await this.#workshop.clientOf(cancellationBot), event);
  }

  async followUp(): Promise<unknown> {
    const event = this.#workshop.events(insurersBot).ofCron('2026-06-10T10:00:00Z');
    return insurers(await this.#workshop.clientOf(insurersBot), event as never);
  }

  async state(): Promise<BillState> {
    return {
      invoices: (await this.#find('Invoice')) as Stored<Invoice>[],
      claims: (await this.#find('Claim')) as Stored<Claim>[],
      responses: (await this.#find('ClaimResponse')) as Stored<ClaimResponse>[],
      benefits: (await this.#find('ExplanationOfBenefit')) as Stored<ExplanationOfBenefit>[],
      payments: (await this.#find('PaymentReconciliation')) as Stored<PaymentReconciliation>[],
    };
  }

  #find(query: string): Promise<Stored[]> {
    return this.#workshop.search(`${query}${query.includes('?') ? '&' : '?'}_sort=_id&_count=200`);
  }

  async #versions(): Promise<string> {
    const all = Object.values(await this.state()).flat() as Stored[];
    return all.map(({ resourceType, id, meta }) => `${resourceType}/${id}/${meta!.versionId}`).join();
  }
}

export const totals = ({ invoices }: BillState): (number | undefined)[] =>
  invoices.map(({ totalGross }) => totalGross?.value);
