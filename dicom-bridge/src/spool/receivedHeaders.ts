import { readHeader, type ObjectHeader } from '../objects/objectHeader.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import { DEFLATED } from '../stored/transferSyntax.ts';
import { Turns } from './turns.ts';

/**
 * Reads what identifies received objects; of deflated ones one after the other: each is inflated in memory as a whole, and as many as there are
 * associations would take more than the machine has.
 */
export class ReceivedHeaders {
  readonly #turns = new Turns();

  /** @throws ObjectError, as {@link readHeader} */
  read(source: ByteSource, transferSyntaxUid: string): Promise<ObjectHeader> {
    const read = () => readHeader(source);
    return transferSyntaxUid === DEFLATED ? this.#turns.take(DEFLATED, read) : read();
  }
}
