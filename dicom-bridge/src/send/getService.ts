import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
  type DimseService,
  type Requester,
  type SharedAssociation,
} from '../dimse/services.ts';
import { PATIENT_ROOT, STUDY_ROOT } from '../query/informationModels.ts';
import { sendObject, type Receiver } from './objectSender.ts';
import type { Retrievals } from './retrievals.ts';

/** C-GET (PS3.4 section C.4.3): objects go to who asks, on the association on which it asks. */
export class GetService implements DimseService {
  readonly sopClassUids = [PATIENT_ROOT.get, STUDY_ROOT.get];
  readonly #retrievals: Retrievals;

  constructor(retrievals: Retrievals) {
    this.#retrievals = retrievals;
  }

  admits({ aeTitle }: Requester): boolean {
    return this.#retrievals.parts.peers.mayUse(aeTitle, 'query-retrieve');
  }

  async *answer(message: DimseMessage, context: DimseContext): AsyncGenerator<DimseAnswer> {
    if (message.operation !== 'C-GET') {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'This SOP class knows C-GET alone.');
    }
    const { archive } = this.#retrievals.parts;
    const receiver = receiverOn(context.association);
    // No signs of life between objects: on this association, nothing may come in between the parts of one.
    yield* this.#retrievals.answer(message, context, () =>
      Promise.resolve({
        send: ({ sopInstanceUid }) => sendObject(archive, receiver, sopInstanceUid),
        close: () => Promise.resolve(),
      }),
    );
  }
}

/** Who asks must have proposed to be the provider of the storage classes (PS3.7 section D.3.3.4), which is said once for a class. */
function receiverOn({ contexts, invoke }: SharedAssociation): Receiver {
  const provided = new Set(
    contexts.filter((one) => one.getProviderRole()).map((one) => one.getAbstractSyntaxUid()),
  );
  return { contexts: contexts.filter((one) => provided.has(one.getAbstractSyntaxUid())), invoke };
}
