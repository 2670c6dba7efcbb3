import dimse from 'dcmjs-dimse';
import type { DataSet } from '../objects/dataSet.ts';
import { encodeDataSet, IMPLICIT_LITTLE_ENDIAN } from '../objects/encodeDataSet.ts';

/** A data set that is encoded already, for the library: it encodes slowly, and in one character set. */
export class EncodedDataSet extends dimse.Dataset {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, transferSyntaxUid: string) {
    super({}, transferSyntaxUid);
    this.#bytes = bytes;
  }

  override getDenaturalizedDataset(): Buffer {
    return this.#bytes;
  }
}

/** A command set (PS3.7 section 6.3.1) that we encode: for the library, it is half of the work for a match. */
export class EncodedCommandSet extends dimse.Dataset {
  override getDenaturalizedCommandDataset(): Buffer {
    const elements = encodeDataSet(this.getElements() as DataSet, IMPLICIT_LITTLE_ENDIAN);
    const CommandGroupLength = elements.length;
    return Buffer.concat([encodeDataSet({ CommandGroupLength }, IMPLICIT_LITTLE_ENDIAN), elements]);
  }
}
