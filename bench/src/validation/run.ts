import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ValidationFigures } from './measure.ts';

/** Output of the process, in bytes. */
const OUTPUT_BYTES_MAX = 1_000_000;

/** Measures validation in a process of its own, with nothing else to do. */
export const runValidation = async (rounds: number): Promise<ValidationFigures[]> => {
  const entry = path.join(import.meta.dirname, 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [entry, String(rounds)], {
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return JSON.parse(stdout) as ValidationFigures[];
};
