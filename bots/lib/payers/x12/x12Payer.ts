import { identifierValue } from '../../bills/identifiers.ts';
import { amountOf } from '../../money/money.ts';
import { exchange, type PayerAddress } from '../http.ts';
import type { ClaimAnswer, ClaimDossier, EligibilityAnswer, EligibilityDossier, Payer } from '../payer.ts';
import { readAcknowledgement } from './acknowledgement.ts';
import { professionalClaim } from './claim.ts';
import { eligibilityAnswer, eligibilityRequest } from './eligibility.ts';
import { interchange, KINDS, readInterchange, type Partners, type Transaction } from './interchange.ts';
import { claimDecision } from './remittance.ts';

const X12 = 'application/edi-x12';

/**
 * An insurer that speaks X12 5010 over HTTP: a POST of a 270 is answered by a 271, one of an 837P by a 999; decisions are got by
 * `GET ?claim=[number]`, an 835, or 204 as long as there is none.
 */
export class X12Payer implements Payer {
  readonly #address: PayerAddress;
  readonly #partners: Partners;
  /** Currency of amounts, which X12 does not name. */
  readonly #currency: string;

  constructor(address: PayerAddress, partners: Partners, currency: string) {
    this.#address = address;
    this.#partners = partners;
    this.#currency = currency;
  }

  async askEligibility(dossier: EligibilityDossier): Promise<EligibilityAnswer> {
    const { request } = dossier;
    const timeMs = Date.parse(request.created);
    const key = identifierValue(request, 'eligibility') ?? request.id;
    const segments = eligibilityRequest(dossier, timeMs);
    const sent = interchange(KINDS.eligibilityRequest, segments, this.#partners, { key, timeMs });
    return eligibilityAnswer(await this.#post(sent), this.#currency);
  }

  async submit(dossier: ClaimDossier): Promise<ClaimAnswer | undefined> {
    const answer = await this.#send(dossier, dossier.number);
    return claimDecision(answer, dossier.number, currencyOf(dossier));
  }

  async inquire(dossier: ClaimDossier): Promise<ClaimAnswer | undefined> {
    const { status, body } = await exchange(this.#address, {
      method: 'GET',
      path: `?claim=${encodeURIComponent(dossier.number)}`,
      headers: { Accept: X12 },
    });
    if (status === 204 || body.trim() === '') return undefined;
    return claimDecision(readInterchange(body), dossier.number, currencyOf(dossier));
  }

  async withdraw(dossier: ClaimDossier): Promise<void> {
    await this.#send(dossier, `${dossier.number}-withdrawn`);
  }

  async #send(dossier: ClaimDossier, key: string): Promise<Transaction[]> {
    const timeMs = Date.parse(dossier.claim.created);
    const segments = professionalClaim(dossier, this.#partners, timeMs);
    const answer = await this.#post(interchange(KINDS.claim, segments, this.#partners, { key, timeMs }));
    readAcknowledgement(answer);
    return answer;
  }

  async #post(body: string): Promise<Transaction[]> {
    const headers = { 'Content-Type': X12, Accept: X12 };
    return readInterchange((await exchange(this.#address, { method: 'POST', headers, body })).body);
  }
}

const currencyOf = ({ claim }: ClaimDossier): string => amountOf(claim.total!).currency;
