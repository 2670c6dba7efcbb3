import type { Answer } from '../../acceptance/support/client.ts';
import type { Seen, Write } from '../checker/history.ts';
import { keyIn, refusal, seenResource, versionIn } from './answers.ts';
import { expectation, somePerson, someRegisters, type ClientState } from './clientState.ts';
import { personWrite } from './personRequests.ts';
import type { Asked, Learned } from './recorder.ts';
import {
  fhirPathPatch,
  jsonPatch,
  partsOf,
  personBody,
  personCriteria,
  registerBody,
  registerCriteria,
  spelled,
} from './registers.ts';

/** An entry of a transaction, and what it is to write; a read writes nothing. */
interface Part {
  key?: string;
  write?: Write;
  entry: {
    request: { method: string; url: string; ifMatch?: string; ifNoneExist?: string };
    resource?: object;
  };
}

type Make = (state: ClientState, key: string) => Part;

const READS_MAX = 6;
const WRITES_MAX = 4;

const read: Make = (_state, key) => ({ key, entry: { request: { method: 'GET', url: key } } });

function putting(state: ClientState, key: string, url: string, expected?: number): Part {
  const mark = state.world.recorder.mark();
  const ifMatch = expected === undefined ? {} : { ifMatch: `W/"${expected}"` };
  return {
    key,
    write: { key, does: 'put', mark, ...(expected !== undefined && { expected }) },
    entry: { resource: registerBody(key, mark), request: { method: 'PUT', url, ...ifMatch } },
  };
}

const criteriaUrl = ({ random }: ClientState, key: string) =>
  `${partsOf(key)[0]}?${encodeURI(random.pick(registerCriteria(key)))}`;

const put: Make = (state, key) => putting(state, key, key);
const putMatching: Make = (state, key) => putting(state, key, key, expectation(state, key));
const putByCriteria: Make = (state, key) => putting(state, key, criteriaUrl(state, key));

function patching(state: ClientState, key: string, url: string): Part {
  const mark = state.world.recorder.mark();
  const binary = (patch: object) => ({
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(patch)).toString('base64'),
  });
  const resource = state.random.oneIn(2) ? binary(jsonPatch(mark)) : fhirPathPatch(partsOf(key)[0], mark);
  return {
    key,
    write: { key, does: 'append', mark },
    entry: { resource, request: { method: 'PATCH', url } },
  };
}

const patch: Make = (state, key) => patching(state, key, key);
const patchByCriteria: Make = (state, key) => patching(state, key, criteriaUrl(state, key));

const deleting = (key: string, url: string): Part => ({
  key,
  write: { key, does: 'delete' },
  entry: { request: { method: 'DELETE', url } },
});
const remove: Make = (_state, key) => deleting(key, key);
const removeByCriteria: Make = (state, key) => deleting(key, criteriaUrl(state, key));

const WEIGHTS: [Make, number][] = [
  [put, 6],
  [putMatching, 2],
  [putByCriteria, 2],
  [patch, 3],
  [patchByCriteria, 1],
  [remove, 1],
  [removeByCriteria, 1],
];
const WRITES = WEIGHTS.flatMap(([make, weight]) => Array<Make>(weight).fill(make));

/** A patient who is made unless he is there. */
function person(state: ClientState): Part {
  const name = somePerson(state);
  const mark = state.world.recorder.mark();
  const ifNoneExist = encodeURI(state.random.pick(personCriteria(name)));
  return {
    write: { ...personWrite('put', name, mark), isOptional: true },
    entry: { resource: personBody(name, mark), request: { method: 'POST', url: 'Patient', ifNoneExist } },
  };
}

/** Reads of several resources, and nothing else: often of those that somebody is just writing together. */
export function readTransaction(state: ClientState): Asked {
  const { random, world } = state;
  const keys = someRegisters(state, 2 + random.below(READS_MAX - 1));
  const all = random.oneIn(2) ? new Set([...world.together, ...keys]) : keys;
  return asked([...all].map((key) => read(state, key)));
}

/** Writes of several resources, perhaps with reads. */
export function transaction(state: ClientState): Asked {
  const { random } = state;
  const writes = 2 + random.below(WRITES_MAX - 1);
  const keys = someRegisters(state, writes + (random.oneIn(2) ? 1 + random.below(3) : 0));
  state.world.together = keys.slice(0, writes);
  const parts = keys.map((key, i) => (i < writes ? random.pick(WRITES) : read)(state, key));
  // What is written can be read, too, unless it is deleted.
  const own = parts.find(({ write }) => write !== undefined && write.does !== 'delete');
  if (own && random.oneIn(4)) parts.push(read(state, own.key!));
  if (random.oneIn(4)) parts.push(person(state));
  return asked(parts);
}

function asked(parts: Part[]): Asked {
  const entry = parts.map((part) => part.entry);
  return {
    path: '',
    sending: {
      method: 'POST',
      headers: { prefer: 'return=representation' },
      body: { resourceType: 'Bundle', type: 'transaction', entry },
    },
    writes: parts.flatMap(({ write }) => write ?? []),
    done: (answer) => done(parts, answer),
    refused: (answer) => refused(parts, answer),
  };
}

interface EntryAnswer {
  fullUrl?: string;
  resource?: unknown;
  response: { status: string; etag?: string };
}

function done(parts: readonly Part[], { text }: Answer): Required<Learned> {
  const { entry } = JSON.parse(text) as { entry: EntryAnswer[] };
  if (entry.length !== parts.length) throw new Error(`${parts.length} entries got ${entry.length} answers`);
  const learned = { writes: [] as Write[], views: [] as Seen[][], reads: [] as Seen[] };
  parts.forEach(({ key, write }, i) => {
    const { fullUrl, resource, response } = entry[i]!;
    const version = versionIn(response.etag);
    if (write === undefined) learned.reads.push(seenResource(resource));
    else if (version === undefined) learned.views.push([{ key: key!, version: 'absent' }]);
    else if (write.does === 'delete') learned.writes.push({ ...write, version });
    else if (write.isOptional && response.status.startsWith('200'))
      learned.views.push([seenResource(resource)]);
    else {
      const created = response.status.startsWith('201');
      learned.writes.push({ ...write, key: keyIn(fullUrl!), version, created, text: spelled(resource) });
    }
  });
  return learned;
}

/** The entry that is named has what was wrong with it. */
function refused(parts: readonly Part[], answer: Answer): Learned {
  if (answer.status === 409) return {};
  const { issue } = JSON.parse(answer.text) as { issue: { expression?: string[] }[] };
  const place = /^Bundle\.entry\[(\d+)\]/.exec(issue[0]?.expression?.[0] ?? '')?.[1];
  const key = parts[Number(place)]?.key;
  if (key === undefined) throw new Error('a refusal names no entry of a register');
  return refusal(key, answer);
}
