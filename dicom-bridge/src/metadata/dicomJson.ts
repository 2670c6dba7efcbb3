import { textDecoder, type DecodeText } from '../objects/characterSet.ts';
import { swapped, valueBytesOf } from '../stored/byteOrder.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import type { StoredDataSet, StoredElement } from '../stored/storedDataSet.ts';
import type { StoredObject } from '../stored/storedObject.ts';
import { isBinary } from '../stored/valueRepresentation.ts';
import { jsonValues } from './jsonValues.ts';

/** An element of the DICOM JSON Model (PS3.18 section F.2). */
export interface JsonElement {
  vr: string;
  Value?: unknown[];
  InlineBinary?: string;
  BulkDataURI?: string;
}

/** A data set of the DICOM JSON Model, by tags of eight hexadecimal digits. */
export type JsonDataSet = Record<string, JsonElement>;

/** Where pixels are asked for, below the object: the first frame is `frames/1`. */
const FRAMES = 'frames';
/** Larger binary values are asked for by themselves. */
const INLINE_BINARY_BYTES_MAX = 1024;
/** Of a text that is longer than what was held when the object was read; those of reports may be. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;
/** A text, or a list of numbers, that has more is a long one. */
const SHORT_BYTES_MAX = 16 * 1024;
/** Of all long ones of an object; those after them are asked for by themselves, like binary values: who reads metadata holds them as a whole. */
const LONG_BYTES_MAX = 8 * 1024 * 1024;

const SPECIFIC_CHARACTER_SET = 0x0008_0005;
const AVAILABLE_TRANSFER_SYNTAX_UID = '00083002';
/** JSON is always in Unicode (PS3.18 section F.2.1.1.2). */
const UNICODE: JsonElement = { vr: 'CS', Value: ['ISO_IR 192'] };
/** Pixels, also as floats, and the tables that say where frames begin. */
const PIXELS: ReadonlySet<number> = new Set([0x7fe0_0008, 0x7fe0_0009, 0x7fe0_0010]);
const OFFSET_TABLES: ReadonlySet<number> = new Set([0x7fe0_0001, 0x7fe0_0002]);
/** Bytes that make up a file's length, nothing more (PS3.10 section 7.2). */
const TRAILING_PADDING = 0xfffc_fffc;

/**
 * The data set of an object as JSON. Its transfer syntax is told as AvailableTransferSyntaxUID, as viewers expect. BulkDataURIs are relative to the object: `frames`,
 * or `bulk/[path]` with the path of the element.
 *
 * @param only what of it is told; absent: all
 * @throws ObjectError
 */
export async function dicomJson(
  { dataSet, source, transferSyntaxUid }: StoredObject,
  only?: ReadonlySet<string>,
): Promise<JsonDataSet> {
  const json = await new JsonWriter(source, only).dataSet(dataSet, '', textDecoder(undefined));
  return { ...json, [AVAILABLE_TRANSFER_SYNTAX_UID]: { vr: 'UI', Value: [transferSyntaxUid] } };
}

class JsonWriter {
  readonly #source: ByteSource;
  readonly #only: ReadonlySet<string> | undefined;
  #longBytes = 0;

  constructor(source: ByteSource, only: ReadonlySet<string> | undefined) {
    this.#source = source;
    this.#only = only;
  }

  /** @param path of the item that it is in, with a slash behind it */
  async dataSet(dataSet: StoredDataSet, path: string, outer: DecodeText): Promise<JsonDataSet> {
    const terms = dataSet.elements.get(SPECIFIC_CHARACTER_SET)?.value?.toString('latin1');
    const decode = terms === undefined ? outer : textDecoder(terms);
    const json: JsonDataSet = {};
    for (const element of dataSet.elements.values()) {
      const key = tagKey(element.tag);
      if (!isLeftOut(element.tag, path) && this.#isAskedFor(key, path))
        json[key] = await this.#element(element, dataSet, path + key, decode);
    }
    return json;
  }

  async #element(
    element: StoredElement,
    { isLittleEndian }: StoredDataSet,
    path: string,
    decode: DecodeText,
  ): Promise<JsonElement> {
    const { tag, vr, items, value, lengthBytes, isEncapsulated } = element;
    if (tag === SPECIFIC_CHARACTER_SET) return UNICODE;
    if (items) return this.#sequence(items, path, decode);
    if (isPixels(tag, path)) return { vr, BulkDataURI: FRAMES };
    if (isEncapsulated || isBulk(element) || this.#isTooMuch(element))
      return { vr, BulkDataURI: `bulk/${path}` };
    const bytes = value ?? (await this.#source.read(element.at, lengthBytes));
    if (bytes.length === 0) return { vr };
    if (isBinary(vr)) {
      const little = isLittleEndian ? bytes : swapped(bytes, valueBytesOf(vr));
      return { vr, InlineBinary: little.toString('base64') };
    }
    const values = jsonValues(vr, bytes, { isLittleEndian, decode });
    return values.length === 0 ? { vr } : { vr, Value: values };
  }

  #isAskedFor(key: string, path: string): boolean {
    return path !== '' || this.#only === undefined || this.#only.has(key);
  }

  /** Counts long texts and lists of numbers. */
  #isTooMuch({ vr, lengthBytes }: StoredElement): boolean {
    if (isBinary(vr) || lengthBytes <= SHORT_BYTES_MAX) return false;
    this.#longBytes += lengthBytes;
    return this.#longBytes > LONG_BYTES_MAX;
  }

  async #sequence(items: readonly StoredDataSet[], path: string, decode: DecodeText): Promise<JsonElement> {
    if (items.length === 0) return { vr: 'SQ' };
    const values: JsonDataSet[] = [];
    for (const [index, item] of items.entries())
      values.push(await this.dataSet(item, `${path}/${index}/`, decode));
    return { vr: 'SQ', Value: values };
  }
}

/** Group lengths are of an encoding that this is not, and offset tables are of no use without the bytes they count. */
const isLeftOut = (tag: number, path: string): boolean =>
  tag % 0x1_0000 === 0 || tag === TRAILING_PADDING || (path === '' && OFFSET_TABLES.has(tag));

const isPixels = (tag: number, path: string): boolean => path.length === 8 && PIXELS.has(tag);

const isBulk = ({ vr, lengthBytes, value }: StoredElement): boolean =>
  isBinary(vr) ? lengthBytes > INLINE_BINARY_BYTES_MAX : !value && lengthBytes > TEXT_BYTES_MAX;

/** 00280010 */
const tagKey = (tag: number): string => tag.toString(16).padStart(8, '0').toUpperCase();
