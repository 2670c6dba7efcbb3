import type { Response } from 'supertest';
import type { IncomingMessage } from 'node:http';

/** For supertest: the bytes of any answer. */
export function received(response: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const pieces: Buffer[] = [];
  (response as IncomingMessage)
    .on('data', (piece: Buffer) => pieces.push(piece))
    .on('end', () => done(null, Buffer.concat(pieces)))
    .on('error', (error) => done(error, Buffer.alloc(0)));
}

export interface SentPart {
  headers: Record<string, string>;
  body: string;
}

/** The parts of an answer, taken apart without regard to what makes them: the tests' parts are texts. */
export function partsOf({ headers, body }: Response): SentPart[] {
  const [, boundary] = /boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? [];
  if (boundary === undefined) throw new Error(`no parts, but ${headers['content-type']}`);
  const [before, ...parts] = `\r\n${String(body)}`.split(`\r\n--${boundary}`);
  if (before !== '' || parts.pop() !== '--\r\n') throw new Error('the parts have no beginning or no end');
  return parts.map((part) => {
    const at = part.indexOf('\r\n\r\n');
    const lines = part.slice(2, at).split('\r\n');
    return {
      headers: Object.fromEntries(
        lines.map((line) => [line.split(': ')[0]!.toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
      ),
      body: part.slice(at + 4),
    };
  });
}
