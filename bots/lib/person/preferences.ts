import type { Extension } from '@medplum/fhirtypes';
import type { Channel, Kind } from '../notify/codes.ts';
import { isChannel, PREFERENCE_EXTENSION } from '../notify/codes.ts';
import type { WrittenChannel } from './contact.ts';
import { reachableContacts } from './contact.ts';
import type { Person } from './person.ts';

/** What suits a matter where somebody has not said what to use, and has ranked no address. */
const WRITTEN: Record<Kind, WrittenChannel> = {
  appointment: 'email', // takes the entry for the calendar along
  reminder: 'sms',
  emergency: 'sms',
  result: 'email',
  study: 'email',
  prescription: 'email',
  billing: 'email',
  message: 'email',
};

/**
 * By which channels somebody is told of a kind of matter. What the person has chosen for this kind counts, else what was chosen for all
 * kinds (but not of emergencies, which have to be declined by name), else: the best written channel, Web Push and in the app. In the app
 * everybody is told: it is where messages can be read again.
 */
export function channelsFor(person: Person, kind: Kind, atMs: number): Channel[] {
  const chosen = chosenFor(person, kind);
  if (chosen) return [...new Set<Channel>([...chosen, 'in-app'])];
  const [written] = reachableContacts(person, atMs, WRITTEN[kind]);
  return [...(written ? [written.by] : []), 'push', 'in-app'];
}

function chosenFor(person: Person, kind: Kind): Channel[] | undefined {
  const preferences = (person.extension ?? []).filter(({ url }) => url === PREFERENCE_EXTENSION);
  const own = preferences.find((one) => codes(one, 'kind').includes(kind));
  const general = preferences.find((one) => codes(one, 'kind').length === 0);
  const preference = own ?? (kind === 'emergency' ? undefined : general);
  return preference && codes(preference, 'channel').filter(isChannel);
}

const codes = ({ extension = [] }: Extension, name: string): string[] =>
  extension.flatMap(({ url, valueCode }) => (url === name && valueCode !== undefined ? [valueCode] : []));
