import type { Delivery } from '../../records/events/eventRecords.ts';
import type { NotifiedEvent } from './bundle.ts';

/** Of the resources that one notification tells of, in characters: it is a single text. Events beyond it are for the next one. */
export const NOTIFIED_CHARS_MAX = 32 * 2 ** 20;
/** So many are looked at together: each may be as large as a body may be. */
const AT_ONCE = 8;

/**
 * The first of the events, as somebody may be told of them now: as many as one notification has room for, one at least.
 *
 * @param tell what may be told of each, in order
 */
export async function toldEvents(
  deliveries: readonly Delivery[],
  tell: (some: readonly Delivery[]) => Promise<readonly NotifiedEvent[]>,
  charsMax = NOTIFIED_CHARS_MAX,
): Promise<NotifiedEvent[]> {
  const events: NotifiedEvent[] = [];
  let chars = 0;
  for (let at = 0; at < deliveries.length; at += AT_ONCE)
    for (const event of await tell(deliveries.slice(at, at + AT_ONCE))) {
      chars += charsOf(event);
      if (events.length > 0 && chars > charsMax) return events;
      events.push(event);
    }
  return events;
}

const charsOf = ({ told, along = [] }: NotifiedEvent): number =>
  along.reduce((sum, { content }) => sum + content.length, told?.content?.length ?? 0);
