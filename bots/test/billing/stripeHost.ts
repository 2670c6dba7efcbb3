import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';

interface Held {
  id: string;
  object: string;
  amount: number;
  currency: string;
  status: string;
  metadata: Record<string, string>;
  amount_received?: number;
  client_secret?: string;
  payment_intent?: string;
}

/** As much of Stripe as is used: payment intents and refunds, each once for an idempotency key. */
export class StripeHost {
  readonly held = new Map<string, Held>();
  readonly #keys = new Map<string, string>();
  readonly #server: http.Server;

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#handle(request, response));
  }

  static async open(): Promise<StripeHost> {
    const host = new StripeHost();
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  reset(): void {
    this.held.clear();
    this.#keys.clear();
  }

  /** The patient pays. @returns the word of it */
  succeed(id: string): { type: string; object: Held } {
    const intent = this.held.get(id)!;
    intent.status = 'succeeded';
    intent.amount_received = intent.amount;
    return { type: 'payment_intent.succeeded', object: intent };
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
    const [, , kind, id] = new URL(request.url!, this.url).pathname.split('/');
    const answer =
      id === undefined
        ? this.#create(kind!, request.headers['idempotency-key'] as string, form)
        : this.#one(id, form);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  #create(kind: string, key: string, form: URLSearchParams): Held {
    const known = this.#keys.get(key);
    if (known !== undefined) return this.held.get(known)!;
    const metadata = Object.fromEntries(
      [...form].flatMap(([name, value]) => {
        const inner = /^metadata\[(.+)\]$/.exec(name)?.[1];
        return inner === undefined ? [] : [[inner, value]];
      }),
    );
    const isRefund = kind === 'refunds';
    const id = `${isRefund ? 're' : 'pi'}_${this.held.size + 1}`;
    const intent = form.get('payment_intent');
    const made: Held = {
      id,
      object: isRefund ? 'refund' : 'payment_intent',
      amount: Number(form.get('amount')),
      currency: form.get('currency') ?? this.held.get(intent ?? '')!.currency,
      status: isRefund ? 'succeeded' : 'requires_payment_method',
      metadata,
      ...(isRefund ? { payment_intent: intent! } : { client_secret: `${id}_secret` }),
    };
    this.held.set(id, made);
    this.#keys.set(key, id);
    return made;
  }

  #one(id: string, form: URLSearchParams): Held {
    const held = this.held.get(id)!;
    if (form.has('amount')) held.amount = Number(form.get('amount'));
    return held;
  }
}

/** The word of something as the gateway sends it, and its signature. @param atMs when it was signed */
export function signedWord(
  { type, object }: { type: string; object: object },
  secret: string,
  atMs: number,
): { body: string; signature: string } {
  const created = Math.floor(atMs / 1_000);
  const body = JSON.stringify({ id: 'evt_1', object: 'event', type, created, data: { object } }, null, 2);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp: created });
  return { body, signature };
}
