import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Below the root of a store: where a WebSocket is opened. */
export const WEBSOCKET_PATH = '/ws/subscriptions-r4';

/** Whether a request wants a WebSocket, of this server's store or of a tenant. */
export function wantsWebSocket({ headers, method, url = '' }: IncomingMessage): boolean {
  const [path = ''] = url.split('?');
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && path.endsWith(WEBSOCKET_PATH);
}

/**
 * The answer to a request for another protocol: an ordinary one, that ends the connection, until its socket is taken. So such requests go the same way
 * as all others.
 */
export class UpgradeResponse extends ServerResponse {
  readonly #socket: Duplex;

  /** @param head what had arrived behind the request */
  constructor(request: IncomingMessage, socket: Duplex, head: Buffer) {
    super(request);
    this.#socket = socket;
    if (head.length > 0) socket.unshift(head);
    this.shouldKeepAlive = false;
    this.assignSocket(request.socket);
    this.once('finish', this.#end);
    socket.on('error', () => socket.destroy());
  }

  /** For whoever speaks the other protocol; the answer counts as closed when it is. */
  takeSocket(): Duplex {
    this.off('finish', this.#end);
    this.detachSocket(this.req.socket);
    this.#socket.once('close', () => this.emit('close'));
    return this.#socket;
  }

  readonly #end = (): void => void this.#socket.end();
}
