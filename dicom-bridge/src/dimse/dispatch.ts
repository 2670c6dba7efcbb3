import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { requests, responses } from 'dcmjs-dimse';
import { encodeDataSet } from '../objects/encodeDataSet.ts';
import type { Values } from '../objects/dataSet.ts';
import { EncodedCommandSet, EncodedDataSet } from './encodedSets.ts';
import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseMessage,
  type DimseService,
  type Operation,
  type Requester,
  type SharedAssociation,
} from './services.ts';
import type { AnsweredQuery } from './witness.ts';

type Request = requests.Request;
type Response = responses.Response;

/** Messages of one association that are being answered. */
export const OPERATIONS_MAX = 8;
/** ErrorComment is of value representation LO. */
const COMMENT_CHARS_MAX = 64;

export interface DispatchParts {
  services: readonly DimseService[];
  requester: Requester;
  log: (event: string, details: Record<string, unknown>) => void;
  /** Whether the association has accepted the SOP class of the request. */
  isAccepted: (request: Request) => boolean;
  /** Resolves when the peer has taken what was sent; never rejects. */
  drained: () => Promise<void>;
  /** Of these there may be several for one request. */
  sendResponse: (request: Request, response: Response) => void;
  association: SharedAssociation;
  /** A query (C-FIND) has come to its end. */
  onQueried: (query: AnsweredQuery) => void;
}

/** A message as the library gives it: `makeResponse` is its response before anything is said in it. */
export interface Received {
  operation: Operation;
  request: Request;
  makeResponse: () => Response;
}

/** Hands the messages of one association to the services, and sends what these answer. */
export class Dispatch {
  readonly #parts: DispatchParts;
  /** What is being answered, by message id. */
  readonly #running = new Map<number, AbortController>();
  #isEnded = false;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Answers a message, to its last response. */
  perform(received: Received): void {
    const { request } = received;
    const id = request.getMessageId();
    if (this.#running.size >= OPERATIONS_MAX || this.#running.has(id)) {
      const status = DIMSE_STATUS.resourceLimitation;
      return this.#send(received, { status, comment: 'Too many messages at once.' });
    }
    const controller = new AbortController();
    this.#running.set(id, controller);
    void this.#answer(received, controller.signal).finally(() => this.#running.delete(id));
  }

  /** C-CANCEL: the service is to come to an end. */
  cancel(messageId: number): void {
    this.#running.get(messageId)?.abort();
  }

  /** The association is at its end. */
  end(): void {
    this.#isEnded = true;
    for (const controller of this.#running.values()) controller.abort();
  }

  /** Never rejects. */
  async #answer(received: Received, signal: AbortSignal): Promise<void> {
    let matches = 0;
    const last = (answer: DimseAnswer): void => {
      this.#send(received, answer);
      if (received.operation !== 'C-FIND') return;
      const sopClassUid = classOf(received.request) ?? '';
      this.#parts.onQueried({ sopClassUid, matches, status: answer.status });
    };
    try {
      const message = messageOf(received);
      const service = this.#serviceOf(received.request, message);
      const { requester, drained, association } = this.#parts;
      for await (const answer of service.answer(message, { requester, signal, association })) {
        if (this.#isEnded) return;
        if (!isPending(answer)) return last(answer);
        this.#send(received, answer);
        matches += 1;
        await drained();
        await yieldToOthers(); // encoding a long answer must not hold up other associations
      }
      throw new Error('The service gave no final answer.');
    } catch (error) {
      if (!this.#isEnded) last(this.#failure(received.operation, error));
    }
  }

  #serviceOf(request: Request, { sopClassUid }: DimseMessage): DimseService {
    const service = this.#parts.services.find(({ sopClassUids }) => sopClassUids.includes(sopClassUid));
    if (service && this.#parts.isAccepted(request)) return service;
    throw new DimseError(DIMSE_STATUS.noSuchClass, 'The SOP class was not accepted.');
  }

  #failure(operation: Operation, error: unknown): DimseAnswer {
    const { requester, log } = this.#parts;
    const isKnown = error instanceof DimseError;
    const status = isKnown ? error.status : failureOf(operation);
    // What others throw may tell of patients.
    const reason = isKnown ? error.message : error instanceof Error ? error.name : 'unknown';
    log('message not answered', { peer: requester.aeTitle, operation, status: status.toString(16), reason });
    return { status, comment: isKnown ? error.message : 'The bridge failed to answer.' };
  }

  #send({ request, makeResponse }: Received, answer: DimseAnswer): void {
    const response = makeResponse();
    const command = new EncodedCommandSet(response.getCommandDataset().getElements());
    response.setCommandDataset(command);
    const sopClassUid = classOf(request);
    if (sopClassUid !== undefined) response.setAffectedSopClassUid(sopClassUid);
    response.setStatus(answer.status);
    if (answer.comment !== undefined) response.setErrorComment(answer.comment.slice(0, COMMENT_CHARS_MAX));
    for (const [keyword, value] of Object.entries(answer.command ?? {})) {
      command.setElement(keyword, value as string); // numbers too, whatever the type says
    }
    if (answer.dataSet) {
      const syntax = request.getDataset()?.getTransferSyntaxUid() ?? EXPLICIT_LITTLE_ENDIAN;
      response.setDataset(new EncodedDataSet(encodeDataSet(answer.dataSet, syntax), syntax));
    }
    this.#parts.sendResponse(request, response);
  }
}

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';

const isPending = ({ status }: DimseAnswer): boolean =>
  status === DIMSE_STATUS.pending || status === DIMSE_STATUS.pendingUnmatchedKeys;

/** N-SET, N-GET, N-ACTION and N-DELETE name it as requested, others as affected. */
const classOf = (request: Request): string | undefined =>
  (request.getRequestedSopClassUid() ?? request.getAffectedSopClassUid()) as string | undefined;

function messageOf({ operation, request }: Received): DimseMessage {
  const instance = (request.getRequestedSopInstanceUid() ?? request.getAffectedSopInstanceUid()) as
    string | undefined;
  return {
    operation,
    sopClassUid: classOf(request) ?? '',
    ...(instance !== undefined && { sopInstanceUid: instance }),
    command: request.getCommandDataset().getElements(),
    dataSet: (request.getDataset()?.getElements() ?? {}) as Values,
  };
}

const failureOf = (operation: Operation): number =>
  operation.startsWith('C-') ? DIMSE_STATUS.unableToProcess : DIMSE_STATUS.processingFailure;
