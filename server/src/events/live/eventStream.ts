import { PassThrough, type Readable } from 'node:stream';
import { once } from 'node:events';
import { FhirError, operationOutcome } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { LiveEvents } from './liveEvents.ts';
import { Turns } from './outlet.ts';

/** Who asks for a stream. */
export interface StreamOrder {
  caller: Caller;
  /** Id of a Subscription that the caller may read. */
  subscription: string;
  /** The number of the last event that is known already; absent: from now on. */
  after?: number | undefined;
  /** Who it is, as of now. @throws FhirError `login` when that has ended */
  callerNow: () => Promise<Caller>;
  expiresMs: number;
  origin: { address?: string | undefined; requestId: string };
}

/** How often a sign of life is sent: whoever has gone is noticed by it. */
export const STREAM_PULSE_MS = 20_000;
/** How soon browsers come back. */
const RETRY_MS = 2_000;

/**
 * Notifications as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), each under the number of its last event, so that a
 * browser that comes back names it in Last-Event-ID.
 *
 * @throws FhirError throttled, `incorrect`
 */
export async function eventStream(live: LiveEvents, order: StreamOrder): Promise<Readable> {
  const { caller, subscription, after, callerNow, expiresMs, origin } = order;
  const from = after ?? (await live.lastEvents([subscription])).get(subscription)!;
  if (after !== undefined) await live.requireGiven(subscription, after);
  const stream = new PassThrough();
  const release = live.connect(caller, () => stream.end());
  const gone = new AbortController();
  const send = async (text: string) => {
    if (!stream.write(text)) await once(stream, 'drain', { signal: gone.signal });
  };
  const pulse = setInterval(() => {
    if (!stream.writableNeedDrain && !stream.writableEnded) stream.write(':\n\n');
  }, STREAM_PULSE_MS);
  stream.write(`retry: ${RETRY_MS}\n\n`);
  const feed = live.follow(
    {
      ...{
        subscription,
        after: from,
        form: 'parameters',
        asAsked: false,
        origin,
        caller: callerNow,
        expiresMs,
      },
      outlet: { send: (text, number) => send(eventOf('notification', text, number)) },
      turns: new Turns(),
    },
    (error) => {
      if (stream.writableEnded || stream.destroyed) return;
      if (error instanceof FhirError)
        stream.end(eventOf('error', JSON.stringify(operationOutcome(error.issues))));
      else stream.destroy(error as Error);
    },
  );
  stream.once('close', () => {
    clearInterval(pulse);
    feed.stop();
    gone.abort(); // who has left takes nothing any more: the feed would wait for ever
    release();
  });
  return stream;
}

/** One event as its lines. */
function eventOf(name: string, data: string, number?: number): string {
  const id = number === undefined ? '' : `id: ${number}\n`;
  return `event: ${name}\n${id}data: ${data.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}
