import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import dimse, { type association, type requests, type responses, type Scp } from 'dcmjs-dimse';
import type { DataSetTaker } from './dataSetValues.ts';
import { commandFieldOf, isCostly } from './messageShape.ts';

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

type Message = requests.Request | responses.Response;

/** P-DATA-TF, and its presentation data values (PS3.8 section 9.3.5). */
interface DataPdu {
  getPdvs(): readonly DataValue[];
}
interface DataValue {
  getPresentationContextId(): number;
  getValue(): Buffer;
  isCommand(): boolean;
  isLastFragment(): boolean;
}

/** What the library does not tell of itself. */
interface Internals {
  /** The message whose data set is to come. */
  dimse?: Message;
  /** What takes the data set of a C-STORE that is coming. */
  dimseStoreStream: Writable | undefined;
  association: association.Association;
  /** Requests of ours that are not answered. */
  pending: readonly requests.Request[];
  _processPDataTf(pdu: DataPdu): Promise<void>;
  _performDimse(context: unknown, message: Message): void;
}

const LibraryScp = dimse.Scp as unknown as new (socket: Socket) => Scp & Internals;

/**
 * The library's provider, which passes over what it does not know: whoever sent it would hold the connection, and nobody would be told. Here it is
 * a `networkError`.
 */
export class StrictScp extends LibraryScp {
  /** Of the command or data set that is coming, which the library is going to read; nothing of an object that goes to its taker. */
  #coming: Buffer[] = [];
  /** What comes next is the data set of an object. */
  #isObject = false;

  override async _processPDataTf(pdu: DataPdu): Promise<void> {
    if (pdu.getPdvs().length === 0) throw new Error('A P-DATA-TF carries nothing (PS3.8 section 9.3.5).');
    for (const value of pdu.getPdvs()) this.#requireCheap(value);
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

  /** The library reads all of it in one go, and meanwhile answers nobody. */
  #requireCheap(value: DataValue): void {
    if (this.#isObject && !value.isCommand()) {
      if (value.isLastFragment()) this.#isObject = false;
      return;
    }
    this.#coming.push(value.getValue());
    if (!value.isLastFragment()) return;
    const whole = Buffer.concat(this.#coming);
    this.#coming = [];
    const syntax = value.isCommand() ? IMPLICIT_LITTLE_ENDIAN : this.#syntaxOf(value);
    if (syntax === DEFLATED) throw new Error('A message is deflated, which objects alone may be.');
    if (isCostly(whole, syntax)) throw new Error('A message has too many elements, or too deep sequences.');
    this.#isObject = value.isCommand() && commandFieldOf(whole) === CommandFieldType['CStoreRequest'];
  }

  #syntaxOf(value: DataValue): string {
    const context = this.association.getPresentationContext(value.getPresentationContextId());
    return context?.getAcceptedTransferSyntaxUid() ?? IMPLICIT_LITTLE_ENDIAN;
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
