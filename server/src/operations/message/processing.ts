import { entriesOf } from '../../fhir/links/entryReferences.ts';
import { errorIssue, FhirError, isBusy, type ErrorCategory, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records, TransactionOperation } from '../../records/records.ts';
import type { MessageEffects, MessageHandler } from './handlers.ts';
import { messageIds, type MessageIds } from './messageIds.ts';
import type { IncomingMessage } from './readMessage.ts';
import { isWanted, responseMessage, type Reply } from './response.ts';

/** What messages are stored through. */
export type MessageRecords = Pick<Records, 'read' | 'check' | 'transact'>;

/** One message on its way. */
export class Processing {
  readonly #records: MessageRecords;
  readonly #caller: Caller;
  readonly #message: IncomingMessage;
  readonly #own: string;
  readonly #ids: MessageIds;

  /** @param own address of this server's `$process-message` */
  constructor(records: MessageRecords, caller: Caller, message: IncomingMessage, own: string) {
    this.#records = records;
    this.#caller = caller;
    this.#message = message;
    this.#own = own;
    this.#ids = messageIds(message);
  }

  /**
   * The answer as FHIR JSON; undefined where the sender wants none.
   *
   * @param handler absent: the message is stored, and nothing else is done
   * @throws FhirError `conflict` when another message was sent with its Bundle.id, `busy`
   */
  async run(handler: MessageHandler | undefined): Promise<string | undefined> {
    const before = await this.#answeredBefore();
    if (before !== undefined) return this.#answer(before);
    let effects: MessageEffects;
    try {
      effects = handler ? await handler.handle(this.#caller, this.#message) : { issues: [unhandled()] };
    } catch (error) {
      return this.#failed(error);
    }
    const { operations = [], focus = [], issues = [] } = effects;
    try {
      return this.#answer(await this.#stored({ code: 'ok', focus, issues }, operations));
    } catch (error) {
      if (operations.length === 0) throw error;
      return this.#failed(error);
    }
  }

  /** The stored answer to this sending of the message. @throws FhirError `conflict` when it was another message that was sent */
  async #answeredBefore(): Promise<string | undefined> {
    let content: string;
    try {
      ({ content } = await this.#records.read(this.#caller, 'Bundle', this.#ids.response));
    } catch (error) {
      if (error instanceof FhirError && NOT_THERE.has(error.category)) return undefined;
      throw error;
    }
    if (responseOf(content).identifier !== this.#message.headerId) throw reused();
    return content;
  }

  /** What only the moment does not allow is not stored, so that the message can be sent again. */
  async #failed(error: unknown): Promise<string | undefined> {
    if (!(error instanceof FhirError)) throw error;
    const { issues } = error;
    if (!isBusy(error)) return this.#answer(await this.#stored({ code: 'fatal-error', issues }, []));
    const response = this.#response({ code: 'transient-error', issues });
    return this.#answer(JSON.stringify(response));
  }

  /**
   * Stores the message and its answer, and carries out what comes of it. Of the same message that is processed several times at once,
   * only one comes to that.
   *
   * @returns the answer that is stored
   */
  async #stored(reply: Reply, operations: readonly TransactionOperation[]): Promise<string> {
    const { bundle, exact } = this.#message;
    const response = this.#response(reply);
    const answer = await this.#records.check({ value: response, exact: response }, 'Bundle');
    const type = 'Bundle';
    try {
      const [, result] = await this.#records.transact(this.#caller, [
        { kind: 'update', type, id: this.#ids.message, resource: { value: bundle, exact } },
        { kind: 'update', type, id: this.#ids.response, resource: answer, expectedVersion: 0 },
        ...operations,
      ]);
      if (!result || !('content' in result)) throw new Error('a write has no result');
      return result.content;
    } catch (error) {
      const meanwhile = await this.#answeredBefore();
      if (meanwhile === undefined) throw error;
      return meanwhile;
    }
  }

  #response(reply: Reply): Resource {
    return responseMessage(this.#message, reply, this.#own, new Date());
  }

  #answer(content: string): string | undefined {
    const { code } = responseOf(content);
    return isWanted(this.#message.header, code!) ? content : undefined;
  }
}

const NOT_THERE: ReadonlySet<ErrorCategory> = new Set<ErrorCategory>(['not-found', 'gone']);

/** What an answer says of the message that it answers; nothing where somebody has written another Bundle in its place. */
function responseOf(answer: string): { identifier?: string; code?: string } {
  const header = entriesOf(JSON.parse(answer) as Resource)[0]?.resource;
  return (header?.response ?? {}) as { identifier?: string; code?: string };
}

const unhandled = (): Issue => ({
  severity: 'information',
  code: 'informational',
  diagnostics: 'The message was received and stored. This server has nothing that acts on its event.',
});

const reused = () =>
  new FhirError('conflict', [
    errorIssue(
      'duplicate',
      'Another message was sent with this Bundle.id: give each sending of a message an id of its own.',
      'Bundle.id',
    ),
  ]);
