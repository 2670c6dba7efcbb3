import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import dimse, { type association, type responses } from 'dcmjs-dimse';
import { GuardedSocket } from './guardedSocket.ts';
import { Invoker, RESPONSE_MS_MAX, type Invocation } from './invoker.ts';
import { PDATA_BYTES_MAX } from './pduGuard.ts';

type PresentationContext = association.PresentationContext;

const { PresentationContextResult } = dimse.constants;

/** Another application entity, and how it is reached. */
export interface Destination {
  aeTitle: string;
  host: string;
  port: number;
  /** Key, certificate and the authorities of its certificate; absent: without TLS. */
  tls?: ConnectionOptions;
}

/** A presentation context to propose. */
export interface Proposal {
  abstractSyntaxUid: string;
  transferSyntaxUids: readonly string[];
  /** We are the service class provider, as in a report of storage commitment (PS3.7 section D.3.3.4); absent: the user. */
  asProvider?: boolean;
}

export interface OutgoingOptions {
  destination: Destination;
  callingAeTitle: string;
  /** At most {@link PROPOSALS_MAX}. */
  proposals: readonly Proposal[];
  times?: Partial<OutgoingTimes>;
  /** Aborted: the association ends at once. */
  signal?: AbortSignal;
}

export interface OutgoingTimes {
  /** Until the association is accepted. */
  openMs: number;
  responseMs: number;
  releaseMs: number;
}

export const OUTGOING_TIMES: OutgoingTimes = {
  openMs: 15_000,
  responseMs: RESPONSE_MS_MAX,
  releaseMs: 5_000,
};
/** Ids of presentation contexts are odd and fit into a byte (PS3.8 section 9.3.2.2). */
export const PROPOSALS_MAX = 128;
/** All that a peer says until its answer is there: the library keeps it in memory. */
export const ANSWER_BYTES_MAX = 1024 * 1024;

/** The peer cannot be reached, or does not want to speak to us. */
export class AssociationError extends Error {
  override readonly name = 'AssociationError';
}

/** An association that we open, and send requests on. */
export class OutgoingAssociation extends dimse.Scp {
  readonly #connection: GuardedSocket;
  readonly #invoker: Invoker;
  readonly #times: OutgoingTimes;
  #contexts: PresentationContext[] = [];
  #answerBytes = 0;

  private constructor(connection: GuardedSocket, times: OutgoingTimes) {
    super(connection as unknown as Socket); // as in BridgeAssociation
    this.#connection = connection;
    this.#times = times;
    this.#invoker = new Invoker(this, connection, times.responseMs);
    this.on('networkError', () => connection.destroy());
    connection.on('data', (chunk: Buffer) => {
      this.#answerBytes += chunk.length;
      if (this.#answerBytes > ANSWER_BYTES_MAX) connection.destroy();
    });
  }

  /** @throws AssociationError */
  static async open(options: OutgoingOptions): Promise<OutgoingAssociation> {
    const { destination, callingAeTitle, proposals } = options;
    const times = { ...OUTGOING_TIMES, ...options.times };
    const connection = new GuardedSocket(await connected(destination, times.openMs));
    const opened = new OutgoingAssociation(connection, times);
    endWith(connection, options.signal);
    const request = new dimse.association.Association(callingAeTitle, destination.aeTitle);
    request.setMaxPduLength(PDATA_BYTES_MAX);
    for (const proposal of proposals) propose(request, proposal);
    await opened.#negotiate(request);
    const contexts = request.getPresentationContexts().map(({ context }) => context);
    opened.#contexts = contexts.filter((one) => one.getResult() === PresentationContextResult.Accept);
    return opened;
  }

  /** Presentation contexts that the peer has accepted. */
  get contexts(): readonly PresentationContext[] {
    return this.#contexts;
  }

  /** Resolves with the response. @throws as {@link Invoker.invoke} */
  invoke(invocation: Invocation): Promise<responses.Response> {
    this.#answerBytes = 0;
    return this.#invoker.invoke(invocation);
  }

  /** Ends it in an orderly way, or at once where half a message may be on it; never rejects. */
  async release(): Promise<void> {
    if (this.#connection.destroyed) return;
    if (this.#invoker.isBusy) return this.abort();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.once('associationReleaseResponse', resolve);
    this.#connection.once('close', resolve);
    const timer = setTimeout(resolve, this.#times.releaseMs);
    this.sendAssociationReleaseRequest();
    await promise;
    clearTimeout(timer);
    this.#connection.destroy();
  }

  /** Ends it at once. */
  override abort(): void {
    this.#connection.destroy();
  }

  override associationReleaseRequested(): void {
    this.sendAssociationReleaseResponse();
    this.#connection.end();
  }

  /** Nobody opens an association on a connection of ours. */
  override associationRequested(): void {
    this.#connection.destroy();
  }

  async #negotiate(request: association.Association): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (why: string) => (): void => reject(new AssociationError(why));
    this.once('associationAccepted', () => resolve());
    this.once('associationRejected', fail('The peer refuses the association.'));
    this.#connection.once('close', fail('The peer ends the connection.'));
    const timer = setTimeout(fail('The peer does not answer.'), this.#times.openMs);
    this.sendAssociationRequest(request);
    try {
      await promise;
    } catch (error) {
      this.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function endWith(connection: GuardedSocket, signal: AbortSignal | undefined): void {
  const end = (): void => void connection.destroy();
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end);
  connection.once('close', () => signal?.removeEventListener('abort', end));
}

function propose(request: association.Association, proposal: Proposal): void {
  const { abstractSyntaxUid, transferSyntaxUids, asProvider = false } = proposal;
  const id = request.addPresentationContext(abstractSyntaxUid);
  for (const syntax of transferSyntaxUids) request.addTransferSyntaxToPresentationContext(id, syntax);
  if (!asProvider) return;
  const context = request.getPresentationContext(id);
  context.setUserRole(false);
  context.setProviderRole(true);
}

/** @throws AssociationError */
async function connected({ host, port, tls }: Destination, timeoutMs: number): Promise<Socket> {
  const socket = tls
    ? connectTls({ minVersion: 'TLSv1.2', ...tls, host, port })
    : connectPlain({ host, port });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error: Error): void => reject(error);
  socket.once(tls ? 'secureConnect' : 'connect', resolve).once('error', fail);
  const timer = setTimeout(() => fail(new Error('no answer')), timeoutMs);
  try {
    await promise;
    socket.off('error', fail).setNoDelay(true);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    const why = (error as { code?: string }).code ?? (error as Error).message;
    throw new AssociationError(`The peer cannot be reached: ${why}.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
