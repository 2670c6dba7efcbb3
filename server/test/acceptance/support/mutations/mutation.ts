import { baseRequest } from './base.ts';
import { mutateBody, mutateTree } from './bodies.ts';
import { changeRequest } from './changes.ts';
import { mutateHeaders, mutateMethod, mutateTarget } from './heads.ts';
import { randomOf } from './random.ts';
import { wireBytes } from './request.ts';
import { mutateWire } from './wire.ts';

export interface Mutation {
  number: number;
  /** What was changed. */
  name: string;
  bytes: Buffer;
  isHead: boolean;
  /** Whether the bytes are a whole request by its own account: then its answer is waited for, however long. */
  isWhole: boolean;
  /** The text of a body that is one resource: what is read back, where it is accepted. */
  resource?: string;
  /** The bytes may not amount to a request, so that HTTP lets a server close without an answer. */
  mayGoUnanswered: boolean;
}

/** The mutation of any request of that number under a seed: the same bytes each time. */
export function mutationOf(seed: number, number: number): Mutation {
  const random = randomOf(seed, number);
  const kind = random.pick([
    'body',
    'body',
    'body',
    'target',
    'target',
    'header',
    'header',
    'method',
    'wire',
  ] as const);
  const base = baseRequest(random, kind === 'body');
  const mutate = {
    body: mutateBody,
    target: mutateTarget,
    header: mutateHeaders,
    method: mutateMethod,
    wire: mutateWire,
  }[kind];
  const [name, request] = mutate(base, random);
  const bytes = wireBytes(request);
  const isResource =
    kind === 'body' &&
    base.target !== '/fhir/R4/' &&
    base.headers.some(([header, value]) => header === 'Content-Type' && value === 'application/fhir+json');
  return {
    number,
    name: `${base.method} ${base.target}, ${name}`,
    bytes,
    isWhole: isWhole(bytes),
    isHead: request.method === 'HEAD',
    mayGoUnanswered: kind === 'wire',
    ...(isResource && { resource: request.body.toString() }),
  };
}

/** The mutation of a request that changes much, of that number under a seed: mostly of its body, the form of which is kept. */
export function changeMutationOf(seed: number, number: number): Mutation {
  const random = randomOf(seed, number);
  const base = changeRequest(random);
  const mutate = random.pick([mutateTree, mutateTree, mutateTree, mutateBody, mutateTarget, mutateHeaders]);
  const [name, request] = random.oneIn(4) ? (['nothing', base] as const) : mutate(base, random);
  const bytes = wireBytes(request);
  return {
    number,
    name: `${base.method} ${base.target}, ${name}`,
    bytes,
    isWhole: isWhole(bytes),
    isHead: request.method === 'HEAD',
    mayGoUnanswered: false,
  };
}

function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, Math.max(0, end)).toString('latin1');
  const lengths = [...head.matchAll(/\ncontent-length:[ \t]*(.*)/gi)].map(([, length]) => length!.trim());
  if (end < 0 || lengths.length > 1 || /\n(?:transfer-encoding|expect)\b/i.test(head)) return false;
  return lengths.length === 0 || lengths[0] === String(bytes.length - end - 4);
}
