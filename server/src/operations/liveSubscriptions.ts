import type { Readable } from 'node:stream';
import { fhirError } from '../fhir/outcome.ts';
import type { Caller } from '../records/caller.ts';
import type { Operation, OperationRequest } from './operation.ts';
import { acceptOnly } from './values.ts';

const GUIDE = 'http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription';
const OWN = 'https://maxray.example/fhir/OperationDefinition';
const NUMBER = /^\d{1,15}$/;

/** What those who connect can ask for. */
export interface LiveSubscriptions {
  /** Parameters with a token for a WebSocket. @param authorization the header of the request */
  bindingToken(caller: Caller, authorization: string, ids: readonly string[]): Promise<string>;
  /** Server-Sent Events. @param after the number of the last event that is known already; absent: from now on */
  stream(caller: Caller, id: string, order: StreamRequest): Promise<Readable>;
}

export interface StreamRequest {
  authorization: string;
  address: string | undefined;
  requestId: string;
  after: number | undefined;
}

/** `$get-ws-binding-token` of the backport guide, and the same events as a stream for browsers. */
export function liveSubscriptionOperations(live: LiveSubscriptions): Operation[] {
  return [
    {
      name: 'get-ws-binding-token',
      definition: `${GUIDE}-get-ws-binding-token`,
      levels: ['type', 'instance'],
      types: ['Subscription'],
      affectsState: false,
      run: async (request) => {
        const { caller, id, parameters } = request;
        acceptOnly(parameters, 'get-ws-binding-token', ['id']);
        const ids = id === undefined ? [...new Set(parameters.texts('id'))] : [id];
        const { authorization } = headersOf(request);
        return { kind: 'resource', body: await live.bindingToken(caller, authorization, ids) };
      },
    },
    {
      name: 'events-stream',
      definition: `${OWN}/events-stream`,
      levels: ['instance'],
      types: ['Subscription'],
      affectsState: false,
      run: async (request) => {
        const { caller, id, parameters } = request;
        acceptOnly(parameters, 'events-stream', ['after']);
        const { lastEventId, ...headers } = headersOf(request);
        const after = numberOf(lastEventId ?? parameters.text('after'));
        const stream = await live.stream(caller, id!, { ...headers, after });
        return { kind: 'stream', contentType: 'text/event-stream', stream };
      },
    },
  ];
}

/** Entries of a batch have none. */
function headersOf({ http }: OperationRequest) {
  const { authorization } = http ?? {};
  if (http === undefined || authorization === undefined)
    throw fhirError('incorrect', 'not-supported', 'Call this operation by a request of its own.');
  return { ...http, authorization };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (NUMBER.test(text)) return Number(text);
  throw fhirError('incorrect', 'value', 'Last-Event-ID, or after, must be the number of an event.');
}
