import type { Random } from './random.ts';
import { setBody } from './request.ts';
import type { WireRequest } from './request.ts';

type BodyMutation = (body: Buffer, random: Random) => Buffer;

/** Changes bytes, whatever they mean. */
const BYTES: Record<string, BodyMutation> = {
  truncated: (body, random) => body.subarray(0, random.below(body.length)),
  'bits flipped': (body, random) => {
    const flipped = Buffer.from(body);
    for (let n = 1 + random.below(8); n > 0; n--) flipped[random.below(body.length)]! ^= 1 << random.below(8);
    return flipped;
  },
  'slice removed': (body, random) => {
    const at = random.below(body.length);
    return Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + random.below(40))]);
  },
  'slice doubled': (body, random) => {
    const at = random.below(body.length);
    return Buffer.concat([body.subarray(0, at + random.below(60)), body.subarray(at)]);
  },
  'bytes inserted': (body, random) =>
    splice(body, random.below(body.length), random.bytes(1 + random.below(8))),
  'invalid UTF-8': (body, random) => intoString(body, random, random.pick(INVALID_UTF8)),
  'control characters': (body, random) => intoString(body, random, Buffer.from([random.below(32)])),
  'odd escapes': (body, random) => intoString(body, random, Buffer.from(random.pick(ESCAPES))),
  'raw text': (body, random) => {
    const place = body.indexOf(':', random.below(body.length)) + 1;
    return splice(body, place, Buffer.from(random.pick(RAW_VALUES)));
  },
  'name doubled': (body, random) => {
    const members = [...body.toString('latin1').matchAll(/"(\w+)":/g)];
    if (members.length === 0) return body;
    const { index, 1: name } = random.pick(members);
    return splice(body, index, Buffer.from(`"${name}":${random.pick(RAW_VALUES)},`));
  },
  'trailing text': (body, random) => Buffer.concat([body, Buffer.from(random.pick(TRAILERS))]),
  'another text': (_body, random) => Buffer.from(random.pick(WHOLE_BODIES)),
  'byte order mark': (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]),
  'UTF-16': (body) => Buffer.from(body.toString(), 'utf16le'),
};

const INVALID_UTF8 = [
  'ff',
  'c080',
  'eda080',
  'edb080',
  'f4908080',
  'e282',
  'c3',
  'fe',
  'f8a1a1a1a1',
  '80',
].map((hex) => Buffer.from(hex, 'hex'));
const ESCAPES = [
  '\\u0000',
  '\\ud800',
  '\\udc00',
  '\\udfff\\ud800',
  '\\u00',
  '\\x41',
  '\\',
  '\\u001f',
  '\\uffff',
  '\\u202e',
];
const RAW_VALUES = [
  '1e999',
  '-1e999',
  '1E+2147483648',
  '1e-2147483649',
  '-0',
  '0.0000000000000000000000000000001',
  `${'9'.repeat(400)}`,
  `0.${'3'.repeat(2_000)}`,
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  'NaN',
  'Infinity',
  'undefined',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"a":{}}',
  '"\\u0000"',
  '"\\ud800"',
  `"${'x'.repeat(3_000)}"`,
  '"2020-13-45"',
  '"<script>"',
  "'",
  '//',
  '/**/',
  ',',
  ':',
  '}',
  ']',
];
const TRAILERS = [' ', '\n\n', '{}', '}', '\0', 'x', ',', '{"resourceType":"Patient"}'];
const WHOLE_BODIES = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '[]',
  '{}',
  '""',
  '[{}]',
  '{"resourceType":null}',
  '{"resourceType":"__proto__"}',
  '{"resourceType":"Patient","__proto__":{"x":1}}',
  '{"resourceType":["Patient"]}',
  '{"resourceType":"patient"}',
  '<Patient xmlns="http://hl7.org/fhir"/>',
  '\0',
  '%',
  '{"resourceType":"Bundle","type":"transaction"}',
  '{"resourceType":"Bundle","type":"transaction","entry":[null]}',
  '{"resourceType":"Bundle","type":"batch","entry":{}}',
  '{"resourceType":"Bundle","type":"batch","entry":[{}]}',
  '{"resourceType":"Bundle","type":"collection"}',
  '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"../../metadata"}}]}',
  '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"%ff%00"}}]}',
  '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Patient"}}]}',
  '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"TRACE","url":"Patient/1"}}]}',
];

/** Changes one value of the tree, so that the text stays JSON. */
const TREES: Record<string, (value: unknown, random: Random) => unknown> = {
  'wrong type': (_value, random) =>
    random.pick<unknown>([
      null,
      0,
      -1,
      1e21,
      true,
      '',
      ' ',
      'x',
      [],
      {},
      [[]],
      [null],
      ['a', 1],
      { a: 1 },
      { id: {} },
    ]),
  'text junk': (_value, random) => random.pick(TEXTS),
  'in an array': (value) => [value],
  'many times': (value, random) => Array.from({ length: random.pick([2, 100, 3_000]) }, () => value),
  'unknown element': (value, random) => {
    const name = random.pick([
      'foo',
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      '',
      '_',
      '$ref',
      'a.b',
      '_id',
    ]);
    return typeof value === 'object' ? { ...value, [name]: 'x' } : { [name]: value };
  },
  emptied: (value) => (typeof value === 'object' && value !== null ? {} : ''),
};

const TEXTS = [
  '\0',
  'a\0b',
  '\ud800',
  '\udc00x',
  '\uffff',
  '\u202e',
  'x'.repeat(70_000),
  '😀'.repeat(500),
  "'; DROP TABLE x; --",
  '%00',
  '../..',
  'Patient/',
  '/Patient/1',
  'Patient/1/2/3',
  'http://[::1',
  'urn:uuid:',
  'urn:oid:1.2',
  '#',
  '#x',
  'Patient?name=x',
  'Foo/1',
  '2020-13-45',
  '0000',
  '99999-01-01',
  '-0001-01-01',
  '2020-02-30',
  '2020-02-29T24:00:00Z',
  '2020-01-01T25:61:61Z',
  '2020-01-01T00:00:60Z',
  '2020-01-01T00:00:00',
  '2020-01-01T00:00:00+99:99',
  '0000-00-00',
  '9999-12-31T23:59:59.999999999999-14:00',
  '0001-01-01T00:00:00+14:00',
  'NaN',
  '1e400',
  ' ',
  'a|b|c',
  'a,b',
  'a\\',
  'a$b',
  'trans­action',
  'POST ',
  'toString',
  '__proto__',
  'a'.repeat(64),
  'a'.repeat(65),
];

const DEPTHS = [10, 50, 63, 64, 65, 200, 5_000, 100_000];
const nested = (depth: number, random: Random): string => {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"extension":[', ']}'],
    ['{"resourceType":"List","contained":[', ']}'],
    ['{"item":[{"linkId":"1","item":[', ']}]}'],
  ] as const);
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
};

/** One mutation of the body, and its name. */
export function mutateBody(request: WireRequest, random: Random): [string, WireRequest] {
  if (random.oneIn(10)) {
    const depth = random.pick(DEPTHS);
    return [`body: nested ${depth} deep`, replaceNode(request, random, () => nested(depth, random))];
  }
  if (random.oneIn(2)) {
    const name = random.pick(Object.keys(BYTES));
    return [`body: ${name}`, setBody(request, BYTES[name]!(request.body, random))];
  }
  return mutateTree(request, random);
}

/** One mutation of a value in the body's tree, and its name. */
export function mutateTree(request: WireRequest, random: Random): [string, WireRequest] {
  const name = random.pick(Object.keys(TREES));
  return [
    `body: ${name}`,
    replaceNode(request, random, (value) => JSON.stringify(TREES[name]!(value, random))),
  ];
}

const MARK = '\u0001here\u0001';

/** Puts a text in the place of one value of the JSON tree. Bodies that are not JSON are replaced by it. */
function replaceNode(request: WireRequest, random: Random, replace: (value: unknown) => string): WireRequest {
  const isJson = request.headers.some(([name, value]) => name === 'Content-Type' && value.endsWith('+json'));
  if (!isJson) return setBody(request, Buffer.from(replace(request.body.toString())));
  const tree = JSON.parse(request.body.toString()) as object;
  const places: [Record<string, unknown>, string][] = [];
  const collect = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      collect((value as Record<string, unknown>)[key]);
    }
  };
  collect(tree);
  const [parent, key] = random.pick(places);
  const text = replace(parent[key]);
  parent[key] = MARK;
  return setBody(request, Buffer.from(JSON.stringify(tree).replace(JSON.stringify(MARK), () => text)));
}

const splice = (body: Buffer, at: number, bytes: Buffer) =>
  Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)]);

/** Puts bytes into one of the strings of a JSON text. */
function intoString(body: Buffer, random: Random, bytes: Buffer): Buffer {
  const strings = [...body.toString('latin1').matchAll(/"[^"\\]*"/g)];
  if (strings.length === 0) return splice(body, random.below(body.length + 1), bytes);
  const { index, 0: string } = random.pick(strings);
  return splice(body, index + 1 + random.below(string.length - 1), bytes);
}
