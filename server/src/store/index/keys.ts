import { createMemo, type Memo } from '../../fhir/units/memo.ts';
import type { Key } from './rows.ts';
import { createSipHash } from './sipHash.ts';

/** Values whose keys are remembered in one process. About 200 bytes each. */
export const KEY_MEMO_MAX = 16_384;

/** Longest text, in bytes, that is hashed without a buffer of its own. */
const SCRATCH_BYTES = 1_024;

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
  /** `Type/id`, `Type/id/_history/version`, an absolute URL, a canonical: whatever names something, as a URI does. */
  reference: 'r',
  /** Logical reference (Reference.identifier): as systemCode, code, noSystemCode and system. */
  identifierSystemValue: 'I',
  identifierValue: 'J',
  identifierNoSystemValue: 'K',
  identifierSystem: 'L',
  /** String as it is written, for `:exact`. */
  exact: 'e',
  /** The path has a value (text empty), or a reference to a type (text = the type). */
  present: 'p',
  /** Composite: the parts' forms and texts, joined. */
  composite: 'C',
  /** Composite whose quantity is in UCUM base units. */
  compositeCanonical: 'Q',
  /** Unit of a quantity, as its code or as it is printed. */
  unit: 'U',
  /** The path itself. */
  path: '#',
} as const;
export type Form = (typeof FORM)[keyof typeof FORM];

/** Text of two values, which no other two values have. */
export function pair(first: string, second: string): string {
  return `${first}\u0000${second}`;
}

/** The key of a path: mixed into whatever is hashed on that path. */
export interface PathKey {
  /** Stands in `param` columns. */
  readonly key: Key;
  /** The key as a text that no other path has: for memos. */
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

export interface KeyHasher {
  /** `text` names the path: a branch's normal form, perhaps with a suffix. */
  pathKey(text: string): PathKey;
  /** Key of a value on a path: hash of the value XOR key of the path, so that SQL can go from one path to another. */
  key(path: PathKey, form: Form, text: string): Key;
  /** Key of what a reference names, on no path: a resource's own key from its `Type/id`. */
  self(reference: string): Key;
  /** Remembers the keys of values that repeat, such as codes (up to KEY_MEMO_MAX values). */
  readonly memo: Memo<readonly Key[]>;
}

/**
 * Keyed 64-bit hashes (SipHash-2-4) of UTF-8 texts, signed.
 * @param secret 16 bytes of the store
 */
export function createKeyHasher(secret: Uint8Array): KeyHasher {
  const sip = createSipHash(secret);
  const scratch = new Uint8Array(SCRATCH_BYTES);
  const whole = new BigInt64Array(sip.result.buffer);
  const memo = createMemo<readonly Key[]>(KEY_MEMO_MAX);
  const none: PathKey = { key: 0n, name: '', low: 0, high: 0 };

  function key(path: PathKey, form: Form, text: string): Key {
    const bytes = text.length < SCRATCH_BYTES / 4 ? scratch : new Uint8Array(text.length * 3 + 16);
    bytes[0] = form.charCodeAt(0);
    sip.hash(bytes, putText(bytes, 1, text));
    sip.result[0]! ^= path.low;
    sip.result[1]! ^= path.high;
    return whole[0]!;
  }

  function pathKey(text: string): PathKey {
    const hashed = key(none, FORM.path, text);
    return { key: hashed, name: String(hashed), low: sip.result[0]!, high: sip.result[1]! };
  }

  const self = (reference: string): Key => key(none, FORM.reference, reference);
  return { pathKey, key, self, memo };
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
