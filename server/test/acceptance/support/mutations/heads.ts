import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Random } from './random.ts';
import { HEADER_JUNK } from './junkHeaders.ts';
import { METHODS, PATH_JUNK, QUERY_JUNK } from './junkTargets.ts';
import { setBody, setHeader } from './request.ts';
import type { WireRequest } from './request.ts';

/** 80 kB on the wire, 80 MB behind it. */
const BOMB = gzipSync(Buffer.alloc(80_000_000, 0x20));

/** One mutation of the request's target, and its name. */
export function mutateTarget(request: WireRequest, random: Random): [string, WireRequest] {
  const [path = '', query = ''] = request.target.split('?');
  const segments = path.split('/');
  const mutations: Record<string, () => string> = {
    'target: segment replaced': () => {
      segments[1 + random.below(segments.length - 1)] = random.pick(PATH_JUNK);
      return segments.join('/');
    },
    'target: segment added': () => {
      segments.splice(1 + random.below(segments.length), 0, random.pick(PATH_JUNK));
      return segments.join('/');
    },
    'target: segment removed': () => segments.toSpliced(1 + random.below(segments.length - 1), 1).join('/'),
    'target: query added': () => `${path}?${[query, random.pick(QUERY_JUNK)].filter(Boolean).join('&')}`,
    'target: query replaced': () => `${path}?${random.pick(QUERY_JUNK)}&${random.pick(QUERY_JUNK)}`,
    'target: search': () =>
      `/fhir/R4/${random.pick(['Patient', 'Observation', 'Binary'])}?${random.pick(QUERY_JUNK)}`,
    'target: history': () =>
      `/fhir/R4/${random.pick(['', 'Patient/', 'Patient/target-0/'])}_history?${random.pick(QUERY_JUNK)}`,
    'target: bytes': () => `${request.target}${random.bytes(3).toString('latin1')}`,
    'target: long': () => `${path}/${'x'.repeat(random.pick([300, 8_100, 15_000, 70_000]))}`,
    'target: many segments': () => `${path}${'/a'.repeat(random.pick([10, 2_000]))}`,
    'target: other forms': () =>
      random.pick([
        '*',
        'http://evil.example/fhir/R4/Patient',
        'http://[',
        '//evil.example/x',
        'localhost:80',
        '',
        '?',
        '/',
        '/fhir',
        '/fhir/R4',
        '/fhir/R4/',
        '/fhir/R4//Patient',
        '/fhir/r4/Patient',
        '/fhir/R4/../R4/Patient',
      ]),
  };
  const name = random.pick(Object.keys(mutations));
  return [name, { ...request, target: mutations[name]!() }];
}

/** Another method on the same target. */
export function mutateMethod(request: WireRequest, random: Random): [string, WireRequest] {
  const method = random.pick(METHODS);
  return [`method: ${method.slice(0, 20)}`, { ...request, method }];
}

/** One or two headers with values that do not fit, and their names. */
export function mutateHeaders(request: WireRequest, random: Random): [string, WireRequest] {
  const encoding = random.pick([
    'gzip',
    'br',
    'bomb',
    'none',
    'none',
    'none',
    'none',
    'none',
    'none',
    'none',
  ]);
  if (encoding !== 'none' && request.body.length > 0)
    return [`header: body in ${encoding}`, encoded(request, encoding)];
  const name = random.pick(Object.keys(HEADER_JUNK));
  const once = setHeader(request, name, random.pick(HEADER_JUNK[name]!));
  if (random.oneIn(2)) return [`header: ${name}`, once];
  const second = random.pick(Object.keys(HEADER_JUNK));
  return [`header: ${name}, ${second}`, setHeader(once, second, random.pick(HEADER_JUNK[second]!))];
}

function encoded(request: WireRequest, encoding: string): WireRequest {
  if (encoding === 'bomb') return setHeader(setBody(request, BOMB), 'Content-Encoding', 'gzip');
  const body = encoding === 'br' ? brotliCompressSync(request.body) : gzipSync(request.body);
  return setHeader(setBody(request, body), 'Content-Encoding', encoding);
}
