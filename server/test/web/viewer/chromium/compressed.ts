import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dcmtk } from '../../../../../dicom-bridge/test/support/dcmtk.ts';

/** A DICOM file in another transfer syntax, by one of dcmtk's programs. */
export async function compressed(file: Buffer, program: string, ...args: string[]): Promise<Buffer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-compressed-'));
  try {
    const [plain, made] = [path.join(folder, 'plain.dcm'), path.join(folder, 'made.dcm')];
    writeFileSync(plain, file);
    const { code, output } = await dcmtk(program, [...args, plain, made]);
    if (code !== 0) throw new Error(`${program}: ${output}`);
    return readFileSync(made);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
