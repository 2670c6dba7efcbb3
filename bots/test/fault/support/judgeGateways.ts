import { expect } from '@jest/globals';
import type { Claim, Communication } from '@medplum/fhirtypes';
import { createHash } from 'node:crypto';
import { identifierValue } from '../../../lib/bills/identifiers.ts';
import { channelOf } from './effects.ts';
import { MAIL_DOMAIN, type Gateways } from './gateways.ts';
import type { Stored } from './persistentClient.ts';

/** How often something was sent. */
export interface SentCounts {
  sent: number;
  /** Of these, what had been sent before. */
  again: number;
  /** What a gateway has carried out without the sender hearing of it. */
  unheard: number;
}

/** Something that a gateway got: a name, and of its content what is the same each time. */
type Got = readonly [name: string, content: string];

/** Expects that gateways got what is stored as sent and nothing else, each message under a name and with a content of its own, however often. */
export function sentMessages(gateways: Gateways, made: readonly Stored[]): SentCounts {
  const { mail, sms, push } = gateways;
  const messages = made.filter((one): one is Stored<Communication> => one.resourceType === 'Communication');
  const ids = (channel: string) => messages.filter((one) => channelOf(one) === channel).map(({ id }) => id);
  const counts = [
    counted(mail.mails.map(ofMail), ids('email').map(messageId), gateways.unheardMails),
    counted(
      sms.received.map(({ headers, body }) => [String(headers['idempotency-key']), body.toString()]),
      ids('sms'),
      gateways.unheard('sms'),
    ),
    // What is said is encrypted, each time with another key.
    counted(
      push.received.map(({ headers, path }) => [String(headers.topic), path]),
      ids('push').map(pushTopic),
      gateways.unheard('push'),
    ),
  ];
  return counts.reduce((sum, one) => ({
    sent: sum.sent + one.sent,
    again: sum.again + one.again,
    unheard: sum.unheard + one.unheard,
  }));
}

function counted(got: readonly Got[], names: readonly string[], unheard: number): SentCounts {
  const contents = new Map<string, Set<string>>();
  for (const [name, content] of got)
    contents.set(name, (contents.get(name) ?? new Set<string>()).add(content));
  expect([...contents.keys()].sort()).toEqual([...names].sort());
  expect([...contents].filter(([, different]) => different.size > 1)).toEqual([]);
  return { sent: got.length, again: got.length - contents.size, unheard };
}

const messageId = (id: string): string => `<communication-${id}@${MAIL_DOMAIN}>`;
const pushTopic = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, 32);

/** A mail's headers, without its date; boundaries differ each time. */
function ofMail(mail: string): Got {
  const unfolded = mail.replaceAll(/\r\n[ \t]+/g, ' ');
  const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim() ?? '';
  return [line('Message-ID'), ['To', 'Subject', 'Content-Language'].map(line).join('\n')];
}

/** Expects that the insurer has each claim once, and none that is not here. */
export function expectClaimsOnce({ claims }: Gateways, made: readonly Stored[]): void {
  const stored = made.filter((one): one is Stored<Claim> => one.resourceType === 'Claim');
  expect(stored.length).toBeGreaterThan(0);
  expect([...claims.keys()].sort()).toEqual(stored.map((claim) => identifierValue(claim, 'claim')).sort());
}

/** Expects that of each payment there is one at the gateway, and one refund of it. */
export function expectPaymentsOnce({ held }: Gateways): void {
  const all = [...held.values()];
  const intents = all.filter(({ object }) => object === 'payment_intent');
  const refunds = all.filter(({ object }) => object === 'refund');
  expect(intents.length).toBeGreaterThan(0);
  expect(new Set(all.map(({ metadata }) => metadata.payment)).size).toBe(all.length);
  expect(refunds.map(({ payment_intent: of, amount }) => [of, amount]).sort()).toEqual(
    intents.map(({ id, amount_received: amount }) => [id, amount]).sort(),
  );
}
