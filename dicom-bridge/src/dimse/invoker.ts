import type { association, requests, responses, Scp } from 'dcmjs-dimse';
import type { GuardedSocket } from './guardedSocket.ts';
import { ConnectionEndedError, writeMessage } from './writeMessage.ts';

type Request = requests.Request;
type Response = responses.Response;

/** For the peer to take the next fragment of a message, and to answer when it has all of it. */
export const RESPONSE_MS_MAX = 60_000;
/** PS3.7 annex E.1: there is a data set (any value but 0101H), and there is none. */
const [WITH_DATA_SET, WITHOUT_DATA_SET] = [0x0102, 0x0101];
const MESSAGE_ID_MAX = 0xffff;

/** A request and what goes with it. */
export interface Invocation {
  request: Request;
  context: association.PresentationContext;
  /** In the transfer syntax of the context. */
  dataSet?: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** The peer does not answer in time. */
export class ResponseTimeoutError extends Error {
  override readonly name = 'ResponseTimeoutError';
}

/** The requests of a network of the library that wait for a response; its types leave them out. */
interface Waiting {
  pending: Request[];
  association: association.Association;
}

/**
 * Sends requests on an association, whoever opened it, one after the other (PS3.7 section 7.1: the invoking DIMSE service user). The library
 * would have the whole data set in memory, and write it anew.
 */
export class Invoker {
  readonly #network: Waiting;
  readonly #connection: GuardedSocket;
  readonly #responseMsMax: number;
  #messageId = 0;

  constructor(network: Scp, connection: GuardedSocket, responseMsMax = RESPONSE_MS_MAX) {
    this.#network = network as unknown as Waiting;
    this.#connection = connection;
    this.#responseMsMax = responseMsMax;
  }

  /** Whether a message is being sent, or its response waited for. */
  get isBusy(): boolean {
    return this.#network.pending.length > 0;
  }

  /**
   * Resolves with the response.
   *
   * @throws ConnectionEndedError, PeerStuckError, ResponseTimeoutError, or what the data set throws: each ends the association, on which half a message may be
   */
  async invoke({ request, context, dataSet }: Invocation): Promise<Response> {
    const { pending, association } = this.#network;
    const command = request.getCommandDataset();
    this.#messageId = (this.#messageId % MESSAGE_ID_MAX) + 1;
    request.setMessageId(this.#messageId);
    command.setElement(
      'CommandDataSetType',
      (dataSet ? WITH_DATA_SET : WITHOUT_DATA_SET) as unknown as string,
    );
    pending.push(request);
    const response = this.#response(request);
    try {
      await writeMessage(this.#connection, {
        presentationContextId: context.getPresentationContextId(),
        command: command.getDenaturalizedCommandDataset(),
        ...(dataSet && { dataSet }),
        pduBytesMax: association.getMaxPduLength(),
        takenMsMax: this.#responseMsMax,
      });
      response.start();
      return await response.received;
    } catch (error) {
      this.#connection.destroy();
      throw error;
    } finally {
      response.stop();
      pending.splice(pending.indexOf(request), 1);
    }
  }

  /** Waits for a response; how long counts from `start` on. */
  #response(request: Request): { received: Promise<Response>; start: () => void; stop: () => void } {
    const { promise: received, resolve, reject } = Promise.withResolvers<Response>();
    received.catch(() => undefined); // while the message is being written, that fails too
    const connection = this.#connection;
    const ended = (): void => reject(new ConnectionEndedError());
    let timer: NodeJS.Timeout | undefined;
    request.once('response', resolve);
    connection.once('close', ended);
    const start = (): void => {
      const late = (): void => reject(new ResponseTimeoutError('The peer does not answer.'));
      timer = setTimeout(late, this.#responseMsMax);
    };
    const stop = (): void => {
      clearTimeout(timer);
      connection.off('close', ended);
    };
    return { received, start, stop };
  }
}
