import { execFile } from 'node:child_process';
import os from 'node:os';
import { test } from '@jest/globals';
import { isInstalled, program } from '../../../scripts/services/dcmtk.mjs';

/** `test` where dcmtk is there; skips where it is not, which is a failure in CI. */
export const testWithDcmtk = isInstalled() ? test : test.skip;

export interface Finished {
  code: number;
  /** Both streams. */
  output: string;
}

/** A guard against hanging, not a measure. */
const RUN_MS_MAX = 120_000;
/** Of what it says: thousands of answers are long. */
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/** Runs one of dcmtk's programs to its end. What it writes without being told where comes into no checkout. */
export function dcmtk(name: string, args: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const options = { timeout: RUN_MS_MAX, maxBuffer: OUTPUT_BYTES_MAX, cwd: os.tmpdir() };
    execFile(program(name), args, options, (error, stdout, stderr) => {
      const output = stdout + stderr;
      if (!error) return resolve({ code: 0, output });
      if (typeof error.code === 'number') return resolve({ code: error.code, output });
      reject(new Error(`${name}: ${error.message}`));
    });
  });
}
