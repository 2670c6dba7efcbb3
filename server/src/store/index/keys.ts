import { createMemo, type Memo } from './memo.ts';
import type { Key } from './rows.ts';
import { createSipHash } from './sipHash.ts';

/** Values whose keys are remembered in one process. About 200 bytes each. */
export const KEY_MEMO_MAX = 16_384;

/** Longest text, in bytes, that is hashed without a buffer of its own. */
const SCRATCH_BYTES = 1_024;
const PATH_KEY_BYTES = 8;

/** What a key stands for. Each has its own sort of text, so that equal texts of different forms never meet. */
export const FORM = {
  /** Token, any system: `code`. */
  code: 'c',
  /** Token with its system: `pair(system, code)`. */
  systemCode: 's',
  /** Token that has no system: `code`. */
  noSystemCode: 'n',
  /** Token of a system, any code: `system`. */
  system: 'y',
  /** Identifier by type: `pair(pair(system of the type, code of the type), value)`. */
  ofType: 'o',
  /** `Type/id`, `Type/id/_history/version`, or an absolute URL. */
  reference: 'r',
  /** Logical reference (Reference.identifier): as systemCode, code and noSystemCode. */
  identifierSystemValue: 'I',
  identifierValue: 'J',
  identifierNoSystemValue: 'K',
  uri: 'u',
  /** String as it is written, for `:exact`. */
  exact: 'e',
  /** The path has a value (text empty), or a reference to a type (text = the type). */
  present: 'p',
  /** Composite: the parts' forms and texts, joined. */
  composite: 'C',
  /** Composite whose quantity is in UCUM base units. */
  compositeCanonical: 'Q',
  /** The patient that a resource belongs to: `Patient/id`. */
  patient: 'P',
  /** Unit of a quantity, as its code or as it is printed. */
  unit: 'U',
} as const;
export type Form = (typeof FORM)[keyof typeof FORM];

/** Text of two values, which no other two values have. */
export function pair(first: string, second: string): string {
  return `${first}\u0000${second}`;
}

/** The key of a path: the first 8 bytes of whatever is hashed on that path. */
export interface PathKey {
  /** Stands in `param` columns. */
  readonly key: Key;
  readonly low: number;
  readonly high: number;
}

export interface KeyHasher {
  /** `text` names the path: a branch's normal form, perhaps with a suffix. */
  pathKey(text: string): PathKey;
  /** Key of a value on a path. */
  key(path: PathKey, form: Form, text: string): Key;
  /** Remembers the keys of values that repeat, such as codes (up to KEY_MEMO_MAX values). */
  readonly memo: Memo<readonly Key[]>;
}

/**
 * Keyed 64-bit hashes (SipHash-2-4) of UTF-8 texts as signed decimals.
 * @param secret 16 bytes of the store
 */
export function createKeyHasher(secret: Uint8Array): KeyHasher {
  const sip = createSipHash(secret);
  const scratch = new Uint8Array(SCRATCH_BYTES);
  const decimal = new BigInt64Array(sip.result.buffer);
  const memo = createMemo<readonly Key[]>(KEY_MEMO_MAX);
  const none: PathKey = { key: '0', low: 0, high: 0 };

  function key(path: PathKey, form: Form, text: string): Key {
    const bytes = text.length < SCRATCH_BYTES / 4 ? scratch : new Uint8Array(text.length * 3 + 16);
    putInt32(bytes, 0, path.low);
    putInt32(bytes, 4, path.high);
    bytes[PATH_KEY_BYTES] = form.charCodeAt(0);
    sip.hash(bytes, putText(bytes, PATH_KEY_BYTES + 1, text));
    return String(decimal[0]);
  }

  function pathKey(text: string): PathKey {
    const hashed = key(none, FORM.composite, text);
    return { key: hashed, low: sip.result[0]!, high: sip.result[1]! };
  }

  return { pathKey, key, memo };
}

function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

const utf8 = new TextEncoder();

/** Writes the text as UTF-8 and returns where it ends. ASCII, the usual case, without a call into C++. */
function putText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return at + utf8.encodeInto(text, bytes.subarray(at)).written;
    bytes[at + i] = unit;
  }
  return at + text.length;
}
