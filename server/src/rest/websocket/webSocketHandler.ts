import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { LiveEvents } from '../../events/live/liveEvents.ts';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import { ANONYMOUS, type Caller } from '../../records/caller.ts';
import type { Refusals } from '../../records/trail/refusals.ts';
import type { Trails } from '../../records/trail/trails.ts';
import type { AddressOf } from '../http/clientAddress.ts';
import { errorResponse } from '../http/errors.ts';
import type { Origins } from '../http/origins.ts';
import { failureText, outcomeOf } from '../http/recording.ts';
import { send } from '../http/respond.ts';
import { STATUS_OF } from '../http/status.ts';
import { COST_OF } from '../http/costs.ts';
import type { RequestLimits } from '../handler.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { UpgradeResponse, WEBSOCKET_PATH } from './upgradeResponse.ts';

export interface WebSocketParts {
  live: LiveEvents;
  origins: Origins;
  addressOf: AddressOf;
  limits: RequestLimits;
  refusals: Pick<Refusals, 'isRecorded'>;
  trails: Trails;
  /** Called with errors that are defects of the server; must not log content. */
  onDefect(error: unknown, requestId: string): void;
}

/** Bytes of a message: a token, with what an access token in it takes. */
export const MESSAGE_BYTES_MAX = 32 * 1024;
const EVENT = 'operation';

const isWebSocketUrl = (url: string): boolean =>
  url.startsWith(WEBSOCKET_PATH) &&
  (url.length === WEBSOCKET_PATH.length || url[WEBSOCKET_PATH.length] === '?');

/**
 * Opens WebSockets on which Subscriptions are bound (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#websockets).
 *
 * @returns false if the URL is another, then nothing was done
 */
export function createWebSocketHandler(
  parts: WebSocketParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: false,
  });
  return (request, response) => {
    if (!isWebSocketUrl(request.url!)) return false;
    const address = parts.addressOf(request);
    const requestId = randomUUID();
    try {
      parts.origins.check(request);
      parts.limits.anonymous(address);
      if (parts.live.isStopped) throw fhirError('busy', 'transient', 'The server is about to stop.');
      if (!(response instanceof UpgradeResponse)) throw noWebSocket();
      const connectionParts = connectionOf(parts, { address, requestId });
      server.handleUpgrade(request, response.takeSocket(), Buffer.alloc(0), (socket) => {
        new Connection(connectionParts, socket);
      });
    } catch (error) {
      const answer = errorResponse(error, (defect) => parts.onDefect(defect, requestId));
      const headers = { ...answer.headers, ...parts.origins.headers(request), 'X-Request-Id': requestId };
      const sent = { ...answer, headers };
      void send(response, sent, { acceptEncoding: undefined, headOnly: request.method === 'HEAD' });
    }
    return true;
  };
}

function connectionOf(parts: WebSocketParts, origin: ConnectionParts['origin']): ConnectionParts {
  const { live, limits, trails, refusals } = parts;
  const { address, requestId } = origin;
  const asked = { event: EVENT, query: WEBSOCKET_PATH.slice(1) } as const;
  return {
    ...{ live, origin },
    charge: (caller) => limits.charge(caller, address, COST_OF.operation),
    record: async (caller: Caller | undefined, fault?: FhirError) => {
      const status = fault === undefined ? 200 : STATUS_OF[fault.category];
      if (fault !== undefined) {
        limits.refused(address);
        if (!refusals.isRecorded({ agent: {}, address }, String(status))) return;
      }
      const { agent, emergencies } = caller ?? ANONYMOUS;
      const trail = trails.begin({ agent, address, requestId, emergencies }, asked);
      await trail.end(outcomeOf(status), failureText(status, fault));
    },
    onDefect: (error) => parts.onDefect(error, requestId),
  };
}

const noWebSocket = () =>
  fhirError(
    'incorrect',
    'not-supported',
    'Here a WebSocket is opened: send a GET with Upgrade: websocket, and bind it by a token of $get-ws-binding-token.',
  );
