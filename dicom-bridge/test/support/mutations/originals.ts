import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dcmtk } from '../dcmtk.ts';
import { EXPLICIT_LITTLE_ENDIAN, xray } from '../dicomObject.ts';

/** An object that nothing is wrong with. */
export interface Original {
  transferSyntaxUid: string;
  /** Preamble and group 0002. */
  head: Buffer;
  dataSet: Buffer;
  /** It stands in the data set as text, but for a deflated one; a mutation has one of its own in its place. */
  sopInstanceUid: string;
}

/** By which of dcmtk's programs an object gets into a transfer syntax. */
const SYNTAXES: [transferSyntaxUid: string, program: string, ...args: string[]][] = [
  ['1.2.840.10008.1.2', 'dcmconv', '+ti'],
  ['1.2.840.10008.1.2.2', 'dcmconv', '+tb'],
  ['1.2.840.10008.1.2.1.99', 'dcmconv', '+td'],
  ['1.2.840.10008.1.2.4.70', 'dcmcjpeg'],
  ['1.2.840.10008.1.2.4.80', 'dcmcjpls'],
  ['1.2.840.10008.1.2.5', 'dcmcrle'],
];
const SIZE = { rows: 16, columns: 16 };
const HEAD_BYTES = 144;
const GROUP_LENGTH_AT = 140;

/** Small ones, in many transfer syntaxes. @throws where dcmtk cannot make one */
export async function makeOriginals(): Promise<Original[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-originals-'));
  try {
    const plain = xray({ sopInstanceUid: uidOf(SYNTAXES.length), ...SIZE });
    const originals = [original(plain.file, EXPLICIT_LITTLE_ENDIAN, plain.object.sopInstanceUid)];
    for (const [i, [transferSyntaxUid, program, ...args]] of SYNTAXES.entries()) {
      const { object, file } = xray({ sopInstanceUid: uidOf(i), ...SIZE });
      const [before, after] = [path.join(folder, `${i}.before`), path.join(folder, `${i}.after`)];
      writeFileSync(before, file);
      const { code, output } = await dcmtk(program, [...args, before, after]);
      if (code !== 0) throw new Error(`${program}: ${output}`);
      originals.push(original(readFileSync(after), transferSyntaxUid, object.sopInstanceUid));
    }
    return originals;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All of one length. */
const uidOf = (number: number): string => `2.25.1${number}00000000000000000000000000000`;

function original(file: Buffer, transferSyntaxUid: string, sopInstanceUid: string): Original {
  const end = HEAD_BYTES + file.readUInt32LE(GROUP_LENGTH_AT);
  return { transferSyntaxUid, head: file.subarray(0, end), dataSet: file.subarray(end), sopInstanceUid };
}
