import type { Random } from '../../../../server/test/acceptance/support/mutations/random.ts';
import type { Original } from './originals.ts';

/** An object with something wrong in it. */
export interface Mutation {
  /** What was done, for whoever has to repeat it. */
  says: string;
  transferSyntaxUid: string;
  /** What the object is said to be; in most it is what it says of itself. */
  sopInstanceUid: string;
  head: Buffer;
  dataSet: Buffer;
  /** Sent as a file, head included, to the internal API; otherwise its data set by C-STORE. */
  isFile: boolean;
}

type Change = (bytes: Buffer, random: Random) => Buffer;

const BYTES_MAX = 64;
/** Elements stand there; the rest are pixels. */
const INTERESTING_BYTES = 600;
const EXTREMES = [0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
/** Items, delimiters, pixels, groups that stand elsewhere. */
const TAGS = ['feff00e0', 'feff0de0', 'feffdde0', 'e07f1000', '02001000', '00000000', '08001800', 'ffffffff'];
const FORMS = ['SQ', 'UN', 'OB', 'OW', 'UI', 'US', 'AT', 'PN', '\0\0', 'ZZ'];
const TEXTS = ['../../../../etc/passwd', '2.25.0', '\\\\\\\\', '\x1b$B', '%00', '\r\n', '1e308', '-1'];

const at = (bytes: Buffer, random: Random): number =>
  random.below(random.oneIn(4) ? bytes.length + 1 : Math.min(bytes.length, INTERESTING_BYTES) + 1);
const written = (bytes: Buffer, offset: number, value: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, offset), value, bytes.subarray(offset + value.length)]);
const inserted = (bytes: Buffer, offset: number, value: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, offset), value, bytes.subarray(offset)]);

const CHANGES: Readonly<Record<string, Change>> = {
  'a bit': (bytes, random) => {
    const offset = Math.min(at(bytes, random), bytes.length - 1);
    return written(bytes, offset, Buffer.from([bytes[offset]! ^ (1 << random.below(8))]));
  },
  'an extreme number': (bytes, random) => {
    const value = Buffer.alloc(random.pick([2, 4]));
    const number = random.pick(EXTREMES);
    if (value.length === 2) value.writeUInt16LE(number & 0xffff);
    else value.writeUInt32LE(number);
    return written(bytes, at(bytes, random) & ~1, value);
  },
  'a tag': (bytes, random) => written(bytes, at(bytes, random) & ~1, Buffer.from(random.pick(TAGS), 'hex')),
  'a value representation': (bytes, random) =>
    written(bytes, at(bytes, random) & ~1, Buffer.from(random.pick(FORMS), 'latin1')),
  'a text': (bytes, random) => written(bytes, at(bytes, random), Buffer.from(random.pick(TEXTS), 'latin1')),
  noise: (bytes, random) => written(bytes, at(bytes, random), random.bytes(1 + random.below(BYTES_MAX))),
  'noise in between': (bytes, random) =>
    inserted(bytes, at(bytes, random), random.bytes(1 + random.below(BYTES_MAX))),
  'a cut': (bytes, random) => bytes.subarray(0, at(bytes, random)),
  'a gap': (bytes, random) => {
    const offset = at(bytes, random);
    return Buffer.concat([bytes.subarray(0, offset), bytes.subarray(offset + 1 + random.below(BYTES_MAX))]);
  },
  'a repetition': (bytes, random) => {
    const offset = at(bytes, random);
    return inserted(bytes, offset, bytes.subarray(offset, offset + 1 + random.below(BYTES_MAX)));
  },
  'items without end': (bytes, random) => {
    const open = Buffer.from('08004011535100 00ffffffff'.replace(' ', ''), 'hex'); // (0008,1140) SQ of unknown length
    const item = Buffer.from('feff00e0ffffffff', 'hex');
    const level = Buffer.concat([open, item]);
    return inserted(
      bytes,
      at(bytes, random) & ~1,
      Buffer.concat(Array.from({ length: 1 + random.below(400) }, () => level)),
    );
  },
};
const NAMES = Object.keys(CHANGES);
const CHANGES_MAX = 3;

/** Does a few things to bytes. */
export function broken(bytes: Buffer, random: Random): { bytes: Buffer; says: string } {
  const names = Array.from({ length: 1 + random.below(CHANGES_MAX) }, () => random.pick(NAMES));
  return {
    bytes: names.reduce((changed, name) => CHANGES[name]!(changed, random), bytes),
    says: names.join(', '),
  };
}

/** The object itself: nothing is wrong with it. */
export const unchanged = (original: Original, isFile: boolean): Mutation => ({
  ...original,
  ...{ says: `nothing in ${original.transferSyntaxUid}`, isFile },
});

/** The mutation of a number, which the random choices repeat. */
export function mutationOf(originals: readonly Original[], random: Random, number: number): Mutation {
  const original = withOwnUid(random.pick(originals), number);
  const isFile = random.oneIn(3);
  const part = isFile && random.oneIn(4) ? 'head' : 'dataSet';
  const { bytes, says } = broken(original[part], random);
  return {
    ...original,
    [part]: bytes,
    isFile,
    says: `${says} in the ${part} of ${original.transferSyntaxUid}`,
  };
}

function withOwnUid(original: Original, number: number): Original {
  const { sopInstanceUid, head, dataSet } = original;
  if (!dataSet.includes(sopInstanceUid)) return original; // it is deflated
  const own = sopInstanceUid.slice(0, -8) + String(10_000_000 + number);
  const renamed = (bytes: Buffer) =>
    Buffer.from(bytes.toString('latin1').replaceAll(sopInstanceUid, own), 'latin1');
  return { ...original, sopInstanceUid: own, head: renamed(head), dataSet: renamed(dataSet) };
}
