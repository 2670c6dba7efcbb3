import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import dimse, { type association, type requests, type responses, type Scp } from 'dcmjs-dimse';
import type { DataSetTaker } from './dataSetValues.ts';

type Message = requests.Request | responses.Response;

/** What the library does not tell of itself. */
interface Internals {
  /** The message whose data set is to come. */
  dimse?: Message;
  /** What takes the data set of a C-STORE that is coming. */
  dimseStoreStream: Writable | undefined;
  association: association.Association;
  /** Requests of ours that are not answered. */
  pending: readonly requests.Request[];
  _processPDataTf(pdu: { getPdvs(): readonly unknown[] }): Promise<void>;
  _performDimse(context: unknown, message: Message): void;
}

const LibraryScp = dimse.Scp as unknown as new (socket: Socket) => Scp & Internals;

/**
 * The library's provider, which passes over what it does not know: whoever sent it would hold the connection, and nobody would be told. Here it is
 * a `networkError`.
 */
export class StrictScp extends LibraryScp {
  override async _processPDataTf(pdu: { getPdvs(): readonly unknown[] }): Promise<void> {
    if (pdu.getPdvs().length === 0) throw new Error('A P-DATA-TF carries nothing (PS3.8 section 9.3.5).');
    await super._processPDataTf(pdu);
    if (this.dimse) requireKnown(this.dimse);
  }

  /** Takes the data set of an object instead of the library; undefined: what comes is none. */
  protected dataSetTaker(): DataSetTaker | undefined {
    const message = this.dimse;
    if (message?.getCommandFieldType() !== CommandFieldType['CStoreRequest']) return undefined;
    return {
      write: (contextId, value) => {
        this.dimseStoreStream ??= this.createStoreWritableStream(
          this.association.getPresentationContext(contextId),
          message as requests.CStoreRequest,
        );
        this.dimseStoreStream.write(value);
      },
    };
  }

  override _performDimse(context: unknown, message: Message): void {
    requireKnown(message);
    if (isResponse(message) && !this.#isAwaited(message))
      throw new Error('A response answers no request of ours.');
    super._performDimse(context, message);
  }

  #isAwaited(response: responses.Response): boolean {
    const id = response.getMessageIdBeingRespondedTo();
    return this.pending.some((request) => request.getMessageId() === id);
  }
}

/** Command Field (0000,0100) of PS3.7 annex E; the library's types leave its constants out. */
const { CommandFieldType } = dimse.constants as unknown as { CommandFieldType: Record<string, number> };
const KNOWN: ReadonlySet<number> = new Set(Object.values(CommandFieldType));
const RESPONSE_BIT = 0x8000;

function requireKnown(message: Message): void {
  if (!KNOWN.has(message.getCommandFieldType())) throw new Error('A command is none of PS3.7.');
}

const isResponse = (message: Message): message is responses.Response =>
  (message.getCommandFieldType() & RESPONSE_BIT) !== 0;
