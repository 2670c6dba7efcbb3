import type { ContactPoint, Patient } from '@medplum/fhirtypes';

export type ReachableContact = ContactPoint & { by: 'sms' | 'email' };

/** Orders what has no rank behind all that have one (ContactPoint.rank is a positiveInt). */
const NO_RANK = 2 ** 31;

/** What can carry a written message: a landline cannot, and an address marked `old` is not the patient's. */
function carrier({ system, use }: ContactPoint): 'sms' | 'email' | undefined {
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
 * Where to write to a patient at an instant: the contact point with the best `rank` (1 is best, none is last),
 * text message before e-mail among equals. Undefined when the patient cannot be reached in writing.
 */
export function reachableContact(patient: Patient, at: string): ReachableContact | undefined {
  const candidates = (patient.telecom ?? []).flatMap((contact): ReachableContact[] => {
    const by = carrier(contact);
    return by !== undefined && contact.value && isInUse(contact, Date.parse(at)) ? [{ ...contact, by }] : [];
  });
  const order = ({ rank, by }: ReachableContact): number => (rank ?? NO_RANK) * 2 + (by === 'sms' ? 0 : 1);
  return candidates.sort((a, b) => order(a) - order(b))[0];
}
