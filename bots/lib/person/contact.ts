import type { ContactPoint } from '@medplum/fhirtypes';

export type WrittenChannel = 'sms' | 'email';
export type ReachableContact = ContactPoint & { by: WrittenChannel; value: string };

/** Orders what has no rank behind all that have one (ContactPoint.rank is a positiveInt). */
const NO_RANK = 2 ** 31;

/** What can carry a written message: a landline cannot, and an address marked `old` is not the person's. */
function carrier({ system, use }: ContactPoint): WrittenChannel | undefined {
  if (use === 'old') return undefined;
  if (system === 'email') return 'email';
  return system === 'sms' || (system === 'phone' && use === 'mobile') ? 'sms' : undefined;
}

/** Is the contact point in use at that instant? Dates without a time count as days in UTC. */
function isInUse({ period }: ContactPoint, atMs: number): boolean {
  const started = period?.start === undefined || Date.parse(period.start) <= atMs;
  const ended = period?.end !== undefined && Date.parse(period.end) < atMs;
  return started && !ended;
}

/**
 * Where to write to somebody at an instant, best first: by `rank` (1 is best, none is last), and among equals by the channel that
 * suits the matter. Empty when the person cannot be reached in writing.
 */
export function reachableContacts(
  { telecom = [] }: { telecom?: ContactPoint[] | undefined },
  atMs: number,
  rather: WrittenChannel,
): ReachableContact[] {
  const candidates = telecom.flatMap((contact): ReachableContact[] => {
    const by = carrier(contact);
    return by !== undefined && contact.value && isInUse(contact, atMs)
      ? [{ ...contact, value: contact.value, by }]
      : [];
  });
  const order = ({ rank, by }: ReachableContact): number => (rank ?? NO_RANK) * 2 + (by === rather ? 0 : 1);
  return candidates.sort((a, b) => order(a) - order(b));
}

/** The best address of somebody for a channel. */
export function addressFor(
  person: { telecom?: ContactPoint[] | undefined },
  channel: WrittenChannel,
  atMs: number,
): string | undefined {
  return reachableContacts(person, atMs, channel).find(({ by }) => by === channel)?.value;
}
