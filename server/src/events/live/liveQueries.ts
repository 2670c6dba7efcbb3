import type { Readable } from 'node:stream';
import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { isFetched, readSubscription } from '../subscriptions/request.ts';
import { BINDING_TOKEN_MS, type BindingTokens } from './bindingTokens.ts';
import { eventStream } from './eventStream.ts';
import { CONNECTION_SUBSCRIPTIONS_MAX, tooMany, type Holder, type LiveEvents } from './liveEvents.ts';

export interface LiveQueryParts {
  live: LiveEvents;
  reading: Pick<Records, 'read'>;
  tokens: BindingTokens;
  /** @param authorization as the header has it @throws FhirError `login` where it opens nothing (any more) */
  holderOf: (authorization: string) => Promise<Holder>;
  /** Absolute URL where a WebSocket is opened. */
  websocketUrl: string;
}

/** Who asks for a stream. */
export interface StreamRequest {
  authorization: string;
  address: string | undefined;
  requestId: string;
  /** The number of the last event that is known already; absent: from now on. */
  after: number | undefined;
}

const SUBSCRIPTION = 'Subscription';

/** Opens the way to events for those who may read their Subscriptions. */
export class LiveQueries {
  readonly #parts: LiveQueryParts;

  constructor(parts: LiveQueryParts) {
    this.#parts = parts;
  }

  /**
   * `$get-ws-binding-token`: what a WebSocket is bound with to Subscriptions, in the name of whoever asks; for events from now on.
   *
   * @param authorization the header of the request
   * @throws FhirError as a read does, and `incorrect`
   */
  async bindingToken(caller: Caller, authorization: string, ids: readonly string[]): Promise<string> {
    const { live, reading, tokens, holderOf, websocketUrl } = this.#parts;
    if (ids.length === 0)
      throw fhirError('incorrect', 'required', 'Name the Subscriptions by the parameter id.');
    if (ids.length > CONNECTION_SUBSCRIPTIONS_MAX) throw tooMany();
    // Before they are looked at: an event that comes meanwhile is told.
    const after = Object.fromEntries(await live.lastEvents(ids));
    for (const id of ids) {
      const { content } = await reading.read(caller, SUBSCRIPTION, id);
      if (isFetched(readSubscription(JSON.parse(content) as Resource).channel)) continue;
      const text = `The channel of ${SUBSCRIPTION}/${id} is no websocket.`;
      throw fhirError('incorrect', 'value', text, 'Subscription.channel.type');
    }
    await live.connected(ids);
    const expiresMs = Math.min(Date.now() + BINDING_TOKEN_MS, (await holderOf(authorization)).expiresMs);
    return JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: tokens.seal({ authorization, after, expiresMs }) },
        { name: 'expiration', valueDateTime: new Date(expiresMs).toISOString() },
        ...ids.map((id) => ({ name: 'subscription', valueString: id })),
        { name: 'websocket-url', valueUrl: websocketUrl },
      ],
    });
  }

  /** `$events-stream`: the events of a Subscription as they come. @throws FhirError as a read does, `incorrect`, throttled */
  async stream(caller: Caller, id: string, request: StreamRequest): Promise<Readable> {
    const { live, reading, holderOf } = this.#parts;
    const { authorization, after, address, requestId } = request;
    await reading.read(caller, SUBSCRIPTION, id);
    const { expiresMs } = await holderOf(authorization);
    const callerNow = async () => (await holderOf(authorization)).caller;
    const origin = { address, requestId };
    return eventStream(live, { caller, subscription: id, after, callerNow, expiresMs, origin });
  }
}
