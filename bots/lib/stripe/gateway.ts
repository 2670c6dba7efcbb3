import type { BotEvent } from '@medplum/core';
import Stripe from 'stripe';
import { decimalPlaces } from '../money/currencies.ts';
import { MoneyFault, type Amount } from '../money/money.ts';

/** System of paymentIdentifier: what the gateway calls a payment or a refund. */
export const INTENT_SYSTEM = 'https://maxray.example/fhir/sid/stripe-payment-intent';
export const REFUND_SYSTEM = 'https://maxray.example/fhir/sid/stripe-refund';
/** How long the gateway may take to answer. */
const GATEWAY_TIMEOUT_MS = 15_000;
/** Stripe counts these in hundredths, though they have none. */
const COUNTED_IN_HUNDREDTHS = new Set(['ISK', 'UGX']);
const PLACES_MAX = 3;

/** Secrets of the bots that pay. STRIPE_URL: another host that speaks Stripe's interface. */
export const STRIPE_SECRETS = ['STRIPE_SECRET_KEY', 'STRIPE_URL'];

/** @throws Error where the clinic has no account with a gateway */
export function gatewayOf({ secrets }: Pick<BotEvent, 'secrets'>): Stripe {
  const key = secrets.STRIPE_SECRET_KEY?.valueString;
  if (key === undefined)
    throw new Error('Payments by card are not set up: the secret STRIPE_SECRET_KEY is missing.');
  const url = secrets.STRIPE_URL?.valueString;
  const { hostname, port, protocol } = new URL(url ?? 'https://api.stripe.com');
  const isSecure = protocol === 'https:';
  return new Stripe(key, {
    host: hostname,
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    protocol: isSecure ? 'https' : 'http',
    timeout: GATEWAY_TIMEOUT_MS,
    maxNetworkRetries: 0, // the event comes again
    telemetry: false,
  });
}

/** An amount as Stripe counts it. @throws MoneyFault where Stripe cannot */
export function stripeAmount({ currency, minor }: Amount): { amount: number; currency: string } {
  if (decimalPlaces(currency) > PLACES_MAX) throw new MoneyFault(`${currency} cannot be paid by card.`);
  if (decimalPlaces(currency) === PLACES_MAX && minor % 10n !== 0n)
    throw new MoneyFault(`Amounts in ${currency} are paid in multiples of ten of its smallest unit.`);
  const counted = COUNTED_IN_HUNDREDTHS.has(currency) ? minor * 100n : minor;
  return { amount: Number(counted), currency: currency.toLowerCase() };
}

/** The reverse. */
export function amountOfStripe(amount: number, currency: string): Amount {
  const code = currency.toUpperCase();
  const counted = BigInt(amount);
  return { currency: code, minor: COUNTED_IN_HUNDREDTHS.has(code) ? counted / 100n : counted };
}
