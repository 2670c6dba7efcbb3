import type { Bundle, Claim, ClaimResponse, CoverageEligibilityRequest } from '@medplum/fhirtypes';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KnownClaim, LineDecision, Manners, PayerBooks } from './payerBooks.ts';
import { X12Desk } from './x12Desk.ts';

const MANNERS: Manners = {
  insured: true,
  decision: 'accept',
  delays: false,
  doubles: false,
  hangUps: 0,
  refuses: false,
};

/** An insurer for tests, which speaks FHIR (`/fhir`) and X12 (`/x12`). It knows claims by their numbers: what comes twice it has once. */
export class TestPayer implements PayerBooks {
  manners: Manners = { ...MANNERS };
  readonly claims = new Map<string, KnownClaim>();
  /** Requests that came, by their kind. */
  readonly heard: string[] = [];
  /** Bodies of X12, as they came. */
  readonly interchanges: string[] = [];
  readonly #server: http.Server;
  readonly #x12 = new X12Desk(this);

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#handle(request, response));
  }

  static async open(): Promise<TestPayer> {
    const payer = new TestPayer();
    await new Promise<void>((resolve) => payer.#server.listen(0, '127.0.0.1', resolve));
    return payer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Forgets everything. */
  reset(manners: Partial<Manners> = {}): void {
    this.manners = { ...MANNERS, ...manners };
    this.claims.clear();
    this.heard.length = 0;
    this.interchanges.length = 0;
  }

  /** Takes a claim in, whichever way it came. */
  receive(claim: Omit<KnownClaim, 'state' | 'times'>, isVoid: boolean): KnownClaim {
    const known: KnownClaim = this.claims.get(claim.number) ?? { ...claim, state: 'open', times: 0 };
    known.times += 1;
    if (isVoid) known.state = 'void';
    else if (!this.manners.delays && known.state === 'open') known.state = 'decided';
    this.claims.set(claim.number, known);
    return known;
  }

  decide(): void {
    for (const claim of this.claims.values()) if (claim.state === 'open') claim.state = 'decided';
  }

  decisions({ lines, earlierCents }: KnownClaim): LineDecision[] {
    let earlier = earlierCents;
    return lines.map(({ sequence, cents }) => {
      const before = Math.min(earlier, cents);
      earlier -= before;
      const open = cents - before;
      const { decision } = this.manners;
      if (decision === 'deny') return { sequence, cents, paid: 0, share: open, writeOff: before };
      if (decision === 'accept') return { sequence, cents, paid: open, share: 0, writeOff: before };
      const eligible = Math.round(open * 0.9);
      const paid = Math.round(eligible * 0.8);
      return { sequence, cents, paid, share: eligible - paid, writeOff: cents - eligible };
    });
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url!, this.url);
    this.heard.push(`${request.method} ${url.pathname}`);
    const answer = url.pathname.startsWith('/x12')
      ? this.#x12.answer(request.method!, url, body)
      : this.#fhir(request.method!, url, body);
    if (this.manners.hangUps > 0) {
      this.manners.hangUps -= 1;
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'Content-Type': answer.type });
    response.end(answer.body);
  }

  #fhir(method: string, url: URL, body: string): { status: number; type: string; body: string } {
    const said = (status: number, resource: object | undefined) => ({
      status,
      type: 'application/fhir+json',
      body: resource === undefined ? '' : JSON.stringify(resource),
    });
    if (method === 'GET') {
      const number = url.searchParams.get('request.identifier')!.split('|')[1]!;
      const known = this.claims.get(number);
      const found = known?.state === 'decided' ? [this.#claimResponse(known)] : [];
      return said(200, searchset(found));
    }
    const sent = JSON.parse(body) as Bundle;
    const [first] = (sent.entry ?? []).map(({ resource }) => resource);
    if (first?.resourceType === 'CoverageEligibilityRequest') return said(200, this.#eligibility(first));
    if (this.manners.refuses) return said(422, outcome('The claim has no diagnosis.'));
    const claim = first as Claim;
    const isVoid = claim.status === 'cancelled';
    const known = this.receive(knownClaim(claim, sent), isVoid);
    if (known.state === 'open') return said(202, undefined);
    const answer = this.#claimResponse(known);
    return said(200, this.manners.doubles ? searchset([answer, answer]) : answer);
  }

  #eligibility({ id, patient, insurer, insurance }: CoverageEligibilityRequest): object {
    const { insured, doubles } = this.manners;
    const answer = {
      resourceType: 'CoverageEligibilityResponse',
      status: 'active',
      purpose: ['validation'],
      patient,
      insurer,
      created: '2026-06-02T10:00:00Z',
      request: { reference: `CoverageEligibilityRequest/${id}` },
      outcome: 'complete',
      disposition: insured ? 'Insured.' : 'Not insured on that day.',
      insurance: [{ coverage: insurance![0]!.coverage, inforce: insured }],
    };
    return doubles ? searchset([answer, answer]) : answer;
  }

  #claimResponse(known: KnownClaim): ClaimResponse {
    const lines = this.decisions(known);
    const paid = lines.reduce((sum, line) => sum + line.paid, 0);
    const adjudicated = (code: string, cents: number) => ({
      category: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/adjudication', code }] },
      amount: { value: cents / 100, currency: 'USD' as const },
    });
    return {
      resourceType: 'ClaimResponse',
      identifier: [{ system: 'https://payer.example/claims', value: `P-${known.number}` }],
      status: known.state === 'void' ? 'cancelled' : 'active',
      type: { text: 'professional' },
      use: 'claim',
      patient: { reference: 'Patient/of-the-payer' },
      created: '2026-06-03T10:00:00Z',
      insurer: { reference: 'Organization/itself' },
      request: { identifier: { value: known.number } },
      outcome: 'complete',
      disposition: this.manners.decision,
      item: lines.map(({ sequence, cents, paid: benefit, share }) => ({
        itemSequence: sequence,
        adjudication: [
          adjudicated('submitted', cents),
          adjudicated('eligible', benefit + share),
          adjudicated('benefit', benefit),
        ],
      })),
      total: [adjudicated('benefit', paid)],
      ...(paid > 0 && {
        payment: {
          type: { text: 'complete' },
          date: '2026-06-05',
          amount: { value: paid / 100, currency: 'USD' as const },
          identifier: { value: `EFT-${known.number}` },
        },
      }),
    };
  }
}

function knownClaim(claim: Claim, sent: Bundle): Omit<KnownClaim, 'state' | 'times'> {
  const earlier = (sent.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'ClaimResponse' ? (resource.item ?? []) : [],
  );
  const earlierCents = earlier
    .flatMap(({ adjudication }) => adjudication)
    .filter(({ category }) => category.coding?.[0]?.code === 'benefit')
    .reduce((sum, { amount }) => sum + Math.round(amount!.value! * 100), 0);
  return {
    number: claim.identifier![0]!.value!,
    lines: claim.item!.map(({ sequence, net, productOrService }) => ({
      sequence,
      cents: Math.round(net!.value! * 100),
      procedure: productOrService.coding?.[0]?.code ?? '',
    })),
    earlierCents,
    ...(claim.related && { replaces: claim.related[0]!.claim!.reference! }),
  };
}

const searchset = (resources: object[]) => ({
  resourceType: 'Bundle',
  type: 'searchset',
  entry: resources.map((resource) => ({ resource })),
});

const outcome = (text: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'business-rule', diagnostics: text }],
});
