import {
  AssociationError,
  OutgoingAssociation,
  PROPOSALS_MAX,
  type Destination,
  type Proposal,
} from '../dimse/outgoingAssociation.ts';
import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
  type DimseService,
  type Requester,
} from '../dimse/services.ts';
import { textOf } from '../objects/values.ts';
import { PATIENT_ROOT, STUDY_ROOT } from '../query/informationModels.ts';
import type { RetrievedInstance } from './findInstances.ts';
import { sendObject, type Originator } from './objectSender.ts';
import type { Retrievals } from './retrievals.ts';
import { RETRIEVE_STATUS } from './retrieveStatus.ts';

/** Who asked is told that we are still at it: a large object to a slow receiver takes longer than it waits. */
const ALIVE_MS = 10_000;

export interface MoveParts {
  /** Our own. */
  aeTitle: string;
  retrievals: Retrievals;
  /** Where a peer takes associations; undefined: it is no peer, or takes none. */
  destinationOf: (aeTitle: string) => Destination | undefined;
}

/** C-MOVE (PS3.4 section C.4.2): objects go to a peer that takes associations, on one of ours. */
export class MoveService implements DimseService {
  readonly sopClassUids = [PATIENT_ROOT.move, STUDY_ROOT.move];
  readonly #parts: MoveParts;

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  admits({ aeTitle }: Requester): boolean {
    return this.#parts.retrievals.parts.peers.mayUse(aeTitle, 'query-retrieve');
  }

  async *answer(message: DimseMessage, context: DimseContext): AsyncGenerator<DimseAnswer> {
    if (message.operation !== 'C-MOVE') {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'This SOP class knows C-MOVE alone.');
    }
    const { retrievals, destinationOf } = this.#parts;
    const { command } = message;
    const destination = destinationOf(textOf(command, 'MoveDestination') ?? '');
    if (!destination) {
      throw new DimseError(
        DIMSE_STATUS.moveDestinationUnknown,
        'The destination is no peer whose port is known.',
      );
    }
    const originator = { aeTitle: context.requester.aeTitle, messageId: Number(command['MessageID']) };
    yield* retrievals.answer(message, context, (instances) => this.#open(destination, instances, originator));
  }

  async #open(destination: Destination, instances: readonly RetrievedInstance[], originator: Originator) {
    const proposals = this.#proposals(instances);
    // None of them is in the archive, or nothing was found: there is nothing to say to the destination.
    if (proposals.length === 0)
      return { send: () => Promise.resolve('failed' as const), close: () => Promise.resolve() };
    const association = await this.#associate(destination, proposals);
    const { archive } = this.#parts.retrievals.parts;
    return {
      send: ({ sopInstanceUid }: RetrievedInstance) =>
        sendObject(archive, association, sopInstanceUid, originator),
      close: () => association.release(),
      aliveMs: ALIVE_MS,
    };
  }

  async #associate(destination: Destination, proposals: readonly Proposal[]): Promise<OutgoingAssociation> {
    try {
      return await OutgoingAssociation.open({ destination, callingAeTitle: this.#parts.aeTitle, proposals });
    } catch (error) {
      if (!(error instanceof AssociationError)) throw error;
      throw new DimseError(RETRIEVE_STATUS.cannotSend, 'The destination cannot be reached, or refuses.');
    }
  }

  /** One for each SOP class in each transfer syntax: what is accepted for one says nothing of the others. */
  #proposals(instances: readonly RetrievedInstance[]): Proposal[] {
    const found = new Map<string, Proposal>();
    for (const { sopInstanceUid } of instances) {
      const row = this.#parts.retrievals.parts.ledger.find(sopInstanceUid);
      if (!row) continue;
      const { sopClassUid: abstractSyntaxUid, transferSyntaxUid } = row;
      found.set(`${abstractSyntaxUid} ${transferSyntaxUid}`, {
        abstractSyntaxUid,
        transferSyntaxUids: [transferSyntaxUid],
      });
    }
    return [...found.values()].slice(0, PROPOSALS_MAX);
  }
}
