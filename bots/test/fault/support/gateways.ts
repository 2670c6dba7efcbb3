import { setTimeout as sleep } from 'node:timers/promises';
import webPush from 'web-push';
import { randomOf } from '../../../../server/test/acceptance/support/mutations/random.ts';
import { signatureOf } from '../../../sms-status/signature.ts';
import { signedWord, StripeHost } from '../../billing/stripeHost.ts';
import { TestPayer } from '../../billing/payer.ts';
import { HttpSink, MailSink } from '../../notifications/gateways.ts';
import { MoodyProxy } from './moodyProxy.ts';

export const MAIL_DOMAIN = 'clinic.maxray.example';
const SMS_TOKEN = 'sms-token';
const WEBHOOK_SECRET = 'whsec_test';
const PAUSE_MS = 500;
/** A mail is kept and not acknowledged once in so many. */
const UNHEARD_MAIL_ONE_IN = 50;
/** Streams of the seed, one for each gateway. */
const MOODS = { mail: 2_000, sms: 2_001, push: 2_002, payer: 2_003, stripe: 2_004 };

/** All that bots reach outside: mail server, SMS gateway, push service, insurer and card payments, each of them moody. */
export class Gateways {
  readonly mail = new MailSink();
  readonly sms: HttpSink;
  readonly push = new HttpSink(() => ({ status: 201 }));
  /** Mails that were kept without the sender hearing of it. */
  unheardMails = 0;
  readonly #root: string;
  #payer!: TestPayer;
  #stripe!: StripeHost;
  #smtpUrl = '';
  #isOver = false;
  #proxies!: Record<'sms' | 'push' | 'payer' | 'stripe', MoodyProxy>;

  /** @param root of the server, which hears from the gateways */
  constructor(root: string) {
    this.#root = root;
    this.sms = new HttpSink(({ headers }) => {
      const sid = `SM-${String(headers['idempotency-key'])}`;
      void this.#tellDelivered(sid);
      return { status: 201, body: JSON.stringify({ sid, status: 'queued' }) };
    });
  }

  async open(seed: number): Promise<void> {
    const moodOf = (name: keyof typeof MOODS) => randomOf(seed, MOODS[name]);
    const ofMail = moodOf('mail');
    this.mail.isUnheard = () => {
      const isUnheard = ofMail.oneIn(UNHEARD_MAIL_ONE_IN);
      if (isUnheard) this.unheardMails += 1;
      return isUnheard;
    };
    this.#smtpUrl = await this.mail.open();
    this.#payer = await TestPayer.open();
    this.#payer.reset({ decision: 'partial' });
    this.#stripe = await StripeHost.open();
    this.#proxies = {
      sms: await MoodyProxy.open(await this.sms.open(), moodOf('sms')),
      push: await MoodyProxy.open(await this.push.open(), moodOf('push')),
      payer: await MoodyProxy.open(this.#payer.url, moodOf('payer')),
      stripe: await MoodyProxy.open(this.#stripe.url, moodOf('stripe')),
    };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    const all = [...Object.values(this.#proxies ?? {}), this.mail, this.sms, this.push];
    await Promise.all([...all, this.#payer, this.#stripe].map((one) => one?.close()));
  }

  /** As BOT_SECRETS_FILE has them. */
  get secrets(): Record<string, string> {
    const { publicKey, privateKey } = webPush.generateVAPIDKeys();
    const { sms, push, stripe } = this.#proxies;
    return {
      SMTP_URL: this.#smtpUrl,
      MAIL_FROM: `desk@${MAIL_DOMAIN}`,
      SMS_URL: `${sms.url}/Messages.json`,
      SMS_ACCOUNT: 'AC1',
      SMS_TOKEN,
      SMS_FROM: '+15205550100',
      SMS_CALLBACK_URL: this.#smsCallback,
      VAPID_SUBJECT: `mailto:desk@${MAIL_DOMAIN}`,
      VAPID_PUBLIC_KEY: publicKey,
      VAPID_PRIVATE_KEY: privateKey,
      PUSH_SERVICES: push.url,
      STRIPE_SECRET_KEY: 'sk_test_1',
      STRIPE_URL: stripe.url,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    };
  }

  get pushUrl(): string {
    return this.#proxies.push.url;
  }

  get payerUrl(): string {
    return this.#proxies.payer.url;
  }

  /** Claims as the insurer has them, by their numbers. */
  get claims(): TestPayer['claims'] {
    return this.#payer.claims;
  }

  /** Payments and refunds as the gateway has them. */
  get held(): StripeHost['held'] {
    return this.#stripe.held;
  }

  /** How often bots have turned to somebody outside. */
  get heard(): number {
    return Object.values(this.#proxies).reduce((sum, { heard }) => sum + heard, this.mail.mails.length);
  }

  /** Requests that were carried out without the sender hearing of it. */
  unheard(name: 'sms' | 'push'): number {
    return this.#proxies[name].unheard;
  }

  /** The patient pays, and the gateway says so until it is heard. @param intent its id of the payment */
  async pay(intent: string): Promise<void> {
    const word = this.#stripe.succeed(intent);
    await this.#tell('maxray-bot-payment-webhook', () => {
      const { body, signature } = signedWord(word, WEBHOOK_SECRET, Date.now());
      return { body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
    });
  }

  get #smsCallback(): string {
    return `${this.#root}/webhook/maxray-bot-sms-status`;
  }

  async #tellDelivered(sid: string): Promise<void> {
    const form = new URLSearchParams({ MessageSid: sid, MessageStatus: 'delivered' });
    await this.#tell('maxray-bot-sms-status', () => ({
      body: form.toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-twilio-signature': signatureOf(SMS_TOKEN, this.#smsCallback, form),
      },
    }));
  }

  async #tell(bot: string, word: () => { body: string; headers: Record<string, string> }): Promise<void> {
    while (!this.#isOver) {
      try {
        const url = `${this.#root}/webhook/${bot}`;
        const response = await fetch(url, { method: 'POST', ...word(), signal: AbortSignal.timeout(30_000) });
        await response.arrayBuffer();
        if (response.ok) return;
      } catch {
        // the server is away
      }
      await sleep(PAUSE_MS);
    }
  }
}
