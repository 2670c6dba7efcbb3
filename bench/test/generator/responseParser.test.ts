import { describe, expect, test } from '@jest/globals';
import { ResponseParser, type HttpResponse } from '../../src/generator/responseParser.ts';

/** What the parser makes of the bytes when they come in pieces of this size. */
const parse = (text: string, pieceBytes: number): { status: number; body: string; closes: boolean }[] => {
  const responses: HttpResponse[] = [];
  const parser = new ResponseParser((response) => responses.push(response));
  parser.keepBody = true;
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) parser.push(bytes.subarray(at, at + pieceBytes));
  return responses.map(({ status, body, closes }) => ({ status, body: String(body), closes }));
};

const fixed = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-LENGTH:  6\r\n\r\nhall\u00f6';
const chunked =
  'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n';
const empty = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const noContent = 'HTTP/1.1 204 No Content\r\n\r\n';
const notModified = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 999\r\n\r\n';
const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
const closing = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno';

const expected = [
  { status: 200, body: 'hall\u00f6', closes: false },
  { status: 201, body: 'abc0123456789', closes: false },
  { status: 200, body: '', closes: false },
  { status: 204, body: '', closes: false },
  { status: 304, body: '', closes: false },
  { status: 503, body: 'no', closes: true },
];

describe('ResponseParser', () => {
  test.each([1, 2, 3, 5, 7, 16, 64, 100_000])(
    'reads every kind of response in pieces of %p bytes',
    (pieceBytes) => {
      const stream = [fixed, chunked, empty, noContent, notModified, interim, closing].join('');
      expect(parse(stream, pieceBytes)).toEqual(expected);
    },
  );

  test('reports nothing before a response is whole', () => expect(parse(fixed.slice(0, -1), 10)).toEqual([]));

  test('keeps no body unless asked', () => {
    const bodies: unknown[] = [];
    const parser = new ResponseParser((response) => bodies.push(response.body));
    parser.push(Buffer.from(fixed));
    parser.keepBody = true;
    parser.push(Buffer.from(fixed));
    expect(bodies).toEqual([undefined, Buffer.from('hall\u00f6')]);
  });

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['a body without a length', 'HTTP/1.1 200 OK\r\n\r\nbody'],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`],
  ])('refuses %s', (_, text) => expect(() => parse(text, 100_000)).toThrow());
});
