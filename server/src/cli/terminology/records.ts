import { createReadStream } from 'node:fs';

/** A record of a text file, and where in the file (in bytes) the next one begins. */
export interface FileRecord {
  fields: string[];
  end: number;
}

/** Longest record: a file without ends of lines is none. */
const RECORD_BYTES_MAX = 4 * 1024 * 1024;
const [LINE_FEED, QUOTE] = [10, 34];

/**
 * The records of a text file, one after the other; only the one under way is held. With commas, fields may be quoted, and have
 * commas, quotes (doubled) and ends of lines within.
 *
 * @param from where a record begins, in bytes
 * @throws Error for a file that is no text of this kind
 */
export async function* readRecords(
  file: string,
  separator: '\t' | '|' | ',',
  from = 0,
): AsyncGenerator<FileRecord, void> {
  const isQuoting = separator === ',';
  let rest: Buffer = Buffer.alloc(0);
  let end = from;
  const stream = createReadStream(file, { start: from });
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let at = endOfRecord(bytes, start, isQuoting); at >= 0; at = endOfRecord(bytes, start, isQuoting)) {
      end += at + 1 - start;
      yield { fields: fieldsOf(bytes.toString('utf8', start, at), separator), end };
      start = at + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > RECORD_BYTES_MAX) throw new Error(`${file} has a line of more than 4 MiB`);
  }
  if (rest.length > 0) yield { fields: fieldsOf(rest.toString('utf8'), separator), end: end + rest.length };
}

/** Where the line feed is that ends the record, or -1. */
function endOfRecord(bytes: Buffer, start: number, isQuoting: boolean): number {
  let at = bytes.indexOf(LINE_FEED, start);
  if (!isQuoting) return at;
  while (at >= 0) {
    let quotes = 0;
    for (let i = start; i < at; i++) if (bytes[i] === QUOTE) quotes++;
    if (quotes % 2 === 0) return at;
    at = bytes.indexOf(LINE_FEED, at + 1);
  }
  return -1;
}

function fieldsOf(line: string, separator: string): string[] {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (separator !== ',' || !text.includes('"')) return text.split(separator);
  const fields: string[] = [];
  for (const match of text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
  return fields;
}
