import type { association, responses } from 'dcmjs-dimse';
import type { DataSet, Values } from '../objects/dataSet.ts';
import type { Invocation } from './invoker.ts';

/** The operations of PS3.7 that services take part in; C-ECHO and C-STORE are the association's own. */
export type Operation =
  'C-FIND' | 'C-MOVE' | 'C-GET' | 'N-CREATE' | 'N-SET' | 'N-GET' | 'N-ACTION' | 'N-DELETE' | 'N-EVENT-REPORT';

/** Statuses that several services answer (PS3.7 annex C). */
export const DIMSE_STATUS = {
  success: 0x0000,
  pending: 0xff00,
  /** As pending; optional keys of the query were not matched. */
  pendingUnmatchedKeys: 0xff01,
  cancelled: 0xfe00,
  invalidAttributeValue: 0x0106,
  processingFailure: 0x0110,
  duplicateInstance: 0x0111,
  noSuchInstance: 0x0112,
  invalidObjectInstance: 0x0117,
  noSuchClass: 0x0118,
  missingAttribute: 0x0120,
  missingAttributeValue: 0x0121,
  notAuthorized: 0x0124,
  unrecognizedOperation: 0x0211,
  resourceLimitation: 0x0213,
  /** Of C-FIND, C-MOVE and C-GET. */
  outOfResources: 0xa700,
  moveDestinationUnknown: 0xa801,
  /** The identifier is not of the service's information model. */
  identifierMismatch: 0xa900,
  unableToProcess: 0xc000,
} as const;

/** Who asks. AE title and address are no patient data. */
export interface Requester {
  aeTitle: string;
  /** IP address; IPv4 perhaps as an IPv6 address. */
  address: string;
  /** SHA-256 of the certificate that it has shown; absent without TLS. */
  certificate?: string;
}

/** A message of a peer. */
export interface DimseMessage {
  operation: Operation;
  sopClassUid: string;
  /** Of N- operations; not checked, and absent where the peer leaves it to us. */
  sopInstanceUid?: string;
  /** The command's elements by keyword, such as MoveDestination and ActionTypeID. */
  command: Values;
  /** The data set by keyword, as dcmjs reads it; empty where the message has none. */
  dataSet: Values;
}

/** One response. */
export interface DimseAnswer {
  /** Pending ones are followed by others. */
  status: number;
  /** What is wrong, in at most 64 characters and without patient data. */
  comment?: string;
  dataSet?: DataSet;
  /** Elements of the command by keyword, such as NumberOfRemainingSuboperations. */
  command?: Values;
}

/** What a service has while it answers. */
export interface DimseContext {
  requester: Requester;
  /** Aborted when the peer cancels (C-CANCEL) or the association ends. */
  signal: AbortSignal;
  /** The association on which the message came, for messages of ours, such as the objects of C-GET. */
  association: SharedAssociation;
}

/** An association by which both sides send requests. */
export interface SharedAssociation {
  /** Presentation contexts that were accepted. */
  contexts: readonly association.PresentationContext[];
  /** Resolves with the response. @throws as `Invoker.invoke` */
  invoke: (invocation: Invocation) => Promise<responses.Response>;
}

/** A service class as its provider (PS3.4). */
export interface DimseService {
  /** The abstract syntaxes by which it is spoken to. */
  readonly sopClassUids: readonly string[];
  /** Whether a peer may use it; absent: every peer that may open an association. */
  admits?: (requester: Requester) => boolean;
  /**
   * Answers a message. The last answer is final; those before it are pending. It is asked for the next one when the one before is on its way, so a
   * slow peer holds it back.
   *
   * @throws DimseError for a status; whatever else is thrown is answered with a failure, and logged
   */
  answer: (message: DimseMessage, context: DimseContext) => AsyncIterable<DimseAnswer>;
}

/** What was asked for cannot be done: the status and comment of the response. */
export class DimseError extends Error {
  override readonly name = 'DimseError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
