import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import dimse, { type association, type requests, type responses } from 'dcmjs-dimse';
import type { Incoming } from '../spool/incoming.ts';
import { Dispatch, type Received } from './dispatch.ts';
import { EncodedCommandSet } from './encodedSets.ts';
import type { GuardedSocket } from './guardedSocket.ts';
import { Invoker } from './invoker.ts';
import { OperationsScp } from './operationsScp.ts';
import { PDATA_BYTES_MAX } from './pduGuard.ts';
import { quietLibrary } from './quietLibrary.ts';
import type { DimseService, Requester, SharedAssociation } from './services.ts';
import { STORE_STATUS, type StoreRefusal, type StoreService, type StoreStatus } from './storeService.ts';
import { isStorage, plainSyntax, storedSyntax, VERIFICATION } from './syntaxes.ts';
import type { Witness } from './witness.ts';

type Association = association.Association;
type PresentationContext = association.PresentationContext;

const { PresentationContextResult, RejectReason, RejectResult, RejectSource } = dimse.constants;
/** The library announces the smaller of what the peer announces and this. */
dimse.Implementation.setMaxPduLength(PDATA_BYTES_MAX);
quietLibrary();

/** Why an association is refused. */
export type Refusal = 'calling AE title' | 'called AE title';

export interface AssociationParts {
  aeTitle: string;
  /** Of the peer. */
  address: string;
  /** The same: SHA-256, as {@link Requester} has it; absent without TLS. */
  certificate?: string;
  /** Whether a peer may open an association. */
  admits: (aeTitle: string) => boolean;
  /** Whether a peer may send objects of its own accord. */
  mayStore: (aeTitle: string) => boolean;
  store: StoreService;
  services: readonly DimseService[];
  log: AssociationLog;
  witness: Witness;
}

/** A message that is no object to store, with its command: the library keeps all of it in memory. */
export const MESSAGE_BYTES_MAX = 1024 * 1024;

/** Told what happens on an association; AE titles and addresses are no patient data. */
export type AssociationLog = (event: string, details: Record<string, unknown>) => void;

/** One association as its provider: DICOM's upper layer is the library's, what is done with its messages is ours. */
export class BridgeAssociation extends OperationsScp {
  readonly #connection: GuardedSocket;
  readonly #parts: AssociationParts;
  #peer = '';
  #dispatch: Dispatch | undefined;
  /** Of the message that is coming. */
  #messageBytes = 0;
  /** Data sets whose end has not come. */
  readonly #open = new Set<Incoming>();
  #outcome: Promise<StoreStatus> | undefined;

  constructor(connection: GuardedSocket, parts: AssociationParts) {
    super(connection as unknown as Socket); // the library uses what a Duplex has, and setTimeout
    this.#connection = connection;
    this.#parts = parts;
    this.on('networkError', (error: Error) => this.#fail(error));
    this.on('close', () => this.#end());
    connection.on('data', (chunk: Buffer) => this.#count(chunk));
    connection.giveDataSetsTo(() => this.dataSetTaker());
  }

  override associationRequested(association: Association): void {
    if (this.#dispatch) return this.#fail(new Error('An association is asked for on one that is open.'));
    const [calling, called] = [association.getCallingAeTitle().trim(), association.getCalledAeTitle().trim()];
    this.#peer = calling;
    if (!this.#parts.admits(calling))
      return this.#refuse('calling AE title', RejectReason.CallingAeNotRecognized);
    if (called !== this.#parts.aeTitle)
      return this.#refuse('called AE title', RejectReason.CalledAeNotRecognized);
    const { address, certificate } = this.#parts;
    this.#serve(association, {
      ...{ aeTitle: calling, address },
      ...(certificate !== undefined && { certificate }),
    });
    const ofPeer = association.getMaxPduLength();
    // Small PDUs are slow: what is announced is what we take, whatever the peer takes.
    association.setMaxPduLength(PDATA_BYTES_MAX);
    this.sendAssociationAccept();
    association.setMaxPduLength(ofPeer === 0 ? PDATA_BYTES_MAX : Math.min(ofPeer, PDATA_BYTES_MAX));
    this.#parts.log('association accepted', { peer: calling });
    this.#parts.witness.accepted({ aeTitle: calling, address: this.#parts.address });
  }

  override associationReleaseRequested(): void {
    if (!this.#dispatch) return this.#fail(new Error('There is no association to release.'));
    this.sendAssociationReleaseResponse();
    this.#connection.end();
  }

  override abort(): void {
    this.#connection.destroy();
  }

  override cEchoRequest(
    request: requests.CEchoRequest,
    callback: (response: responses.CEchoResponse) => void,
  ): void {
    this.#messageBytes = 0;
    const response = dimse.responses.CEchoResponse.fromRequest(request);
    response.setStatus(dimse.constants.Status.Success);
    callback(response);
  }

  override createStoreWritableStream(
    context: PresentationContext,
    request: requests.CStoreRequest,
  ): Writable {
    const sopClassUid = request.getAffectedSopClassUid();
    const refusal = this.#refusalOf(sopClassUid, context);
    const incoming = this.#parts.store.begin({
      sopClassUid,
      sopInstanceUid: request.getAffectedSopInstanceUid(),
      transferSyntaxUid: context.getAcceptedTransferSyntaxUid() ?? '',
      sourceAeTitle: this.#peer,
      ...(refusal && { refusal }),
    });
    this.#open.add(incoming);
    // Nobody else holds the peer back: the rest of a large object would be kept in memory.
    incoming.on('full', () => this.#connection.pause());
    incoming.on('drain', () => this.#connection.resume());
    return incoming;
  }

  override createDatasetFromStoreWritableStream(
    writable: Writable,
    _context: PresentationContext,
    callback: (dataset: InstanceType<typeof dimse.Dataset>) => void,
  ): void {
    this.#open.delete(writable as Incoming);
    this.#messageBytes = 0;
    this.#connection.resume(); // a stream that is ended does not drain
    this.#outcome = this.#parts.store.finish(writable as Incoming);
    callback(new dimse.Dataset({}));
  }

  override cStoreRequest(
    request: requests.CStoreRequest,
    callback: (response: responses.CStoreResponse) => void,
  ): void {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    void outcome?.then((status) => {
      const response = dimse.responses.CStoreResponse.fromRequest(request);
      response.setCommandDataset(new EncodedCommandSet(response.getCommandDataset().getElements()));
      response.setStatus(status);
      callback(response);
      if (status !== STORE_STATUS.success) return;
      const { witness, address } = this.#parts;
      witness.stored({ aeTitle: this.#peer, address }, request.getAffectedSopInstanceUid());
    });
  }

  protected override perform(received: Received): void {
    this.#messageBytes = 0;
    this.#dispatch?.perform(received);
  }

  override cCancelRequest(request: requests.CCancelRequest): void {
    this.#messageBytes = 0;
    this.#dispatch?.cancel(Number(request.getMessageIdBeingRespondedTo()));
  }

  /** Why an object is not taken, whatever it is; undefined: it is. */
  #refusalOf(sopClassUid: string, context: PresentationContext): StoreRefusal | undefined {
    if (!this.#parts.mayStore(this.#peer)) return 'notAuthorized';
    const isAgreed =
      context.getResult() === PresentationContextResult.Accept &&
      context.getAbstractSyntaxUid() === sopClassUid &&
      isStorage(sopClassUid);
    return isAgreed ? undefined : 'sopClassNotSupported';
  }

  /** Decides what of the proposed is accepted, and stands ready for it. */
  #serve(association: Association, requester: Requester): void {
    const services = this.#parts.services.filter((one) => one.admits?.(requester) ?? true);
    for (const { context } of association.getPresentationContexts()) {
      decide(context, services, this.#parts.services);
    }
    if (acceptedOf(association).length === 0)
      this.#parts.log('no presentation context accepted', { peer: requester.aeTitle });
    this.#dispatch = new Dispatch({
      services,
      requester,
      log: this.#parts.log,
      sendResponse: (request, response) => this.sendResponse(request, response),
      isAccepted: (request) => association.getAcceptedPresentationContextFromRequest(request) !== undefined,
      drained: () => this.#connection.untilDrained(),
      association: this.#shared(association),
      onQueried: (query) => this.#parts.witness.queried(requester, query),
    });
  }

  #shared(association: Association): SharedAssociation {
    const invoker = new Invoker(this, this.#connection);
    return {
      contexts: acceptedOf(association),
      invoke: async (invocation) => {
        const response = await invoker.invoke(invocation);
        this.#messageBytes = 0;
        return response;
      },
    };
  }

  /** The library keeps a message in memory until it is whole; only objects go to the spool as they come. */
  #count(chunk: Buffer): void {
    this.#messageBytes = this.#open.size > 0 ? 0 : this.#messageBytes + chunk.length;
    if (this.#messageBytes > MESSAGE_BYTES_MAX) {
      this.#fail(new Error(`A message has more than ${MESSAGE_BYTES_MAX} bytes.`));
    }
  }

  #refuse(why: Refusal, reason: number): void {
    const { log, witness, address } = this.#parts;
    log('association refused', { peer: this.#peer, why });
    witness.refused({ aeTitle: this.#peer, address }, why);
    this.sendAssociationReject(RejectResult.Permanent, RejectSource.ServiceUser, reason);
    this.#connection.end();
  }

  #fail(error: Error): void {
    this.#parts.log('association broken off', { peer: this.#peer, why: error.message });
    this.#connection.destroy();
  }

  /** What was not sent to its end is nothing. */
  #end(): void {
    this.#dispatch?.end();
    for (const incoming of this.#open) {
      this.#parts.log('object broken off', { peer: this.#peer });
      void this.#parts.store.abandon(incoming);
    }
    this.#open.clear();
  }
}

const acceptedOf = (association: Association): PresentationContext[] =>
  association
    .getPresentationContexts()
    .map(({ context }) => context)
    .filter((context) => context.getResult() === PresentationContextResult.Accept);

/** What no service is for is rejected; so is what the peer may not use. */
function decide(
  context: PresentationContext,
  admitted: readonly DimseService[],
  services: readonly DimseService[],
): void {
  const uid = context.getAbstractSyntaxUid();
  const isServed = (service: DimseService): boolean => service.sopClassUids.includes(uid);
  const isPlain = uid === VERIFICATION || services.some(isServed);
  if (!isPlain && !isStorage(uid)) {
    return context.setResult(PresentationContextResult.RejectAbstractSyntaxNotSupported);
  }
  if (isPlain && uid !== VERIFICATION && !admitted.some(isServed)) {
    return context.setResult(PresentationContextResult.RejectUser);
  }
  const proposed = context.getTransferSyntaxUids();
  const syntax = isPlain ? plainSyntax(proposed) : storedSyntax(proposed);
  if (syntax !== undefined) context.setResult(PresentationContextResult.Accept, syntax);
  else context.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
}
