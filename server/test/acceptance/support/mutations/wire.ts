import type { Random } from './random.ts';
import { wireBytes } from './request.ts';
import type { WireRequest } from './request.ts';

/** Changes of the bytes on the wire: what no HTTP client would send. */
const WIRE: Record<string, (bytes: Buffer, random: Random) => Buffer> = {
  'wire: header without colon': (bytes) => insertLine(bytes, 'Foo'),
  'wire: header with a blank name': (bytes) => insertLine(bytes, ' : x'),
  'wire: folded header': (bytes) => insertLine(bytes, 'X-A: b\r\n c'),
  'wire: NUL in a header': (bytes) => insertLine(bytes, 'X-A: \0'),
  'wire: blank in a header name': (bytes) => insertLine(bytes, 'Content-Length : 3'),
  'wire: second Host': (bytes) => insertLine(bytes, 'Host: other'),
  'wire: second Content-Length': (bytes) => insertLine(bytes, 'Content-Length: 3'),
  'wire: many headers': (bytes, random) =>
    insertLine(
      bytes,
      Array.from({ length: random.pick([90, 300, 3_000]) }, (_, i) => `X-${i}: y`).join('\r\n'),
    ),
  'wire: long header': (bytes, random) =>
    insertLine(bytes, `X-A: ${'z'.repeat(random.pick([7_000, 17_000, 200_000]))}`),
  'wire: bare line feeds': (bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
  'wire: another protocol': (bytes, random) =>
    replaced(
      bytes,
      'HTTP/1.1',
      random.pick(['HTTP/1.0', 'HTTP/9.9', 'HTTP/2.0', 'http/1.1', 'FOO', '', 'HTTP/1.1 x']),
    ),
  'wire: cut off': (bytes, random) => bytes.subarray(0, 1 + random.below(bytes.length - 1)),
  'wire: noise': (_bytes, random) => random.bytes(1 + random.below(400)),
  'wire: bits flipped in the head': (bytes, random) => {
    const flipped = Buffer.from(bytes);
    const head = bytes.indexOf('\r\n\r\n');
    for (let n = 1 + random.below(4); n > 0; n--) flipped[random.below(head)]! ^= 1 << random.below(8);
    return flipped;
  },
  'wire: bad chunks': (bytes, random) => {
    const chunked = replaced(bytes, /Content-Length: \d+/, 'Transfer-Encoding: chunked');
    const junk = random.pick([
      'zz\r\n',
      '-1\r\n',
      'ffffffffffffffffff\r\n',
      '5\r\nab',
      '1;x=y\r\nabc\r\n',
      '0\r\nX: y',
      '0x5\r\nhello\r\n',
    ]);
    return Buffer.concat([chunked.subarray(0, chunked.indexOf('\r\n\r\n') + 4), Buffer.from(junk)]);
  },
  'wire: length and chunks': (bytes) => insertLine(bytes, 'Transfer-Encoding: chunked'),
  'wire: TLS greeting': () => Buffer.from('16030100c8010000c40303', 'hex'),
};

/** One mutation of what goes over the wire, and its name. */
export function mutateWire(request: WireRequest, random: Random): [string, WireRequest] {
  const name = random.pick(Object.keys(WIRE));
  return [name, { ...request, raw: WIRE[name]!(wireBytes(request), random) }];
}

const insertLine = (bytes: Buffer, line: string) => {
  const at = bytes.indexOf('\r\n') + 2;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(`${line}\r\n`, 'latin1'), bytes.subarray(at)]);
};

const replaced = (bytes: Buffer, part: string | RegExp, by: string) =>
  Buffer.from(bytes.toString('latin1').replace(part, by), 'latin1');
