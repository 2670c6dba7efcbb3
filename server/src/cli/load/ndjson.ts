import { readLines } from '../../fhir/json/lines.ts';
import { DOCUMENT_BYTES_MAX, textUploads } from './documents.ts';
import type { InputFile } from './inputs.ts';
import type { Problem, Skipped, Upload } from './upload.ts';
import { bundleText, entryText } from './upload.ts';

/** Lines that go into one request, and the bytes at which it is full before. */
export const BATCH_LINES_MAX = 200;
export const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const RESOURCE = /^[A-Z][A-Za-z]{1,63}$/;

interface Line {
  number: number;
  entry: string;
  repeatable: boolean;
}

/**
 * The requests for a file with one resource in each line. Some lines together are one transaction; when the server
 * refuses that, they are sent again as a batch, which tells the good lines from the bad ones.
 */
export async function* lineUploads(input: InputFile): AsyncGenerator<Upload | Problem | Skipped, void> {
  let lines: Line[] = [];
  let bytes = 0;
  let number = 0;
  for await (const text of readLines(input.chunks, DOCUMENT_BYTES_MAX)) {
    number += 1;
    const name = `${input.name}, line ${number}`;
    if (text !== undefined && text.toString().trim() === '') continue;
    const line =
      text === undefined ? { name, problem: 'The line is too long.' } : readLine(name, number, text);
    if ('problem' in line) {
      yield line;
      continue;
    }
    if ('document' in line) {
      yield* textUploads(name, line.document, true);
      continue;
    }
    lines.push(line);
    bytes += line.entry.length;
    if (lines.length < BATCH_LINES_MAX && bytes < BATCH_BYTES_MAX) continue;
    yield transactionOf(input.name, lines);
    lines = [];
    bytes = 0;
  }
  if (lines.length > 0) yield transactionOf(input.name, lines);
}

function readLine(name: string, number: number, bytes: Buffer): Line | Problem | { document: Buffer } {
  const text = bytes.toString().trim();
  const { resourceType, id } = parse(text);
  if (typeof resourceType !== 'string' || !RESOURCE.test(resourceType)) {
    return { name, problem: 'Not a FHIR resource in JSON.' };
  }
  if (resourceType === 'Bundle') return { document: bytes };
  const known = typeof id === 'string' ? id : undefined;
  return { number, entry: entryText(text, resourceType, known), repeatable: known !== undefined };
}

function parse(text: string): { resourceType?: unknown; id?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function transactionOf(file: string, lines: readonly Line[]): Upload {
  const entries = lines.map(({ entry }) => entry);
  const base = {
    name: `${file}, lines ${lines[0]?.number} to ${lines.at(-1)?.number}`,
    method: 'POST' as const,
    path: '',
    resources: lines.length,
    repeatable: lines.every(({ repeatable }) => repeatable),
  };
  return {
    ...base,
    body: bundleText('transaction', entries),
    instead: () => ({
      ...base,
      body: bundleText('batch', entries),
      entryNames: (index) => `${file}, line ${lines[index]?.number}`,
    }),
  };
}
