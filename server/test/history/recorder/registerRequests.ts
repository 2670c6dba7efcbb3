import type { Write } from '../checker/history.ts';
import { deleted, refusal, seenResource, versionIn, written } from './answers.ts';
import { expectation, readRegister, someRegister, type ClientState } from './clientState.ts';
import type { Asked } from './recorder.ts';
import { fhirPathPatch, jsonPatch, partsOf, registerBody, registerCriteria } from './registers.ts';

/** A request about one of the registers. */
type Make = (state: ClientState, key: string) => Asked;

const noWrites = { writes: [] };

const read: Make = (_state, key) => ({
  path: key,
  sending: {},
  ...noWrites,
  done: ({ text }) => ({ views: [[seenResource(JSON.parse(text))]] }),
  refused: ({ status, headers }) => ({
    views: [[{ key, version: status === 404 ? 0 : versionIn(headers.etag)! }]],
  }),
});

const search: Make = ({ random }, key) => ({
  path: `${partsOf(key)[0]}?${random.pick(registerCriteria(key))}`,
  sending: {},
  ...noWrites,
  done: ({ text }) => {
    const { entry = [] } = JSON.parse(text) as { entry?: { resource: unknown }[] };
    if (entry.length > 1) throw new Error('a register was found twice');
    return { views: [[entry[0] ? seenResource(entry[0].resource) : { key, version: 'absent' }]] };
  },
});

const history: Make = (_state, key) => ({
  path: `${key}/_history?_count=1`,
  sending: {},
  ...noWrites,
  done: ({ text }) => {
    const [newest] = (JSON.parse(text) as { entry: { resource?: unknown; response: { etag: string } }[] })
      .entry;
    const version = versionIn(newest!.response.etag)!;
    return { views: [[newest!.resource ? seenResource(newest!.resource) : { key, version }]] };
  },
  refused: () => ({ views: [[{ key, version: 0 }]] }),
});

function putting(
  { world }: ClientState,
  key: string,
  path: string,
  headers: Record<string, string>,
  more: Partial<Write> = {},
): Asked {
  const mark = world.recorder.mark();
  const write: Write = { key, does: 'put', mark, ...more };
  return {
    path,
    sending: { method: 'PUT', headers, body: registerBody(key, mark) },
    writes: [write],
    done: (answer) => ({ writes: [written(write, answer)] }),
    refused: (answer) => refusal(key, answer),
  };
}

const put: Make = (state, key) => putting(state, key, key, {});
const putNew: Make = (state, key) => putting(state, key, key, { 'if-none-match': '*' }, { expected: 0 });
const putMatching: Make = (state, key) => {
  const expected = expectation(state, key);
  return putting(state, key, key, { 'if-match': `W/"${expected}"` }, { expected });
};

const byCriteria = ({ random }: ClientState, key: string): string =>
  `${partsOf(key)[0]}?${encodeURI(random.pick(registerCriteria(key)))}`;

const putByCriteria: Make = (state, key) => putting(state, key, byCriteria(state, key), {});
const putByCriteriaMatching: Make = (state, key) => {
  const expected = expectation(state, key);
  const headers = { 'if-match': `W/"${expected}"` };
  return putting(state, key, byCriteria(state, key), headers, { expected });
};

function patching(state: ClientState, key: string, path: string, expected?: number): Asked {
  const mark = state.world.recorder.mark();
  const isJsonPatch = state.random.oneIn(2);
  const write: Write = { key, does: 'append', mark, ...(expected !== undefined && { expected }) };
  const type = isJsonPatch ? 'application/json-patch+json' : 'application/fhir+json';
  const matching: Record<string, string> = expected === undefined ? {} : { 'if-match': `W/"${expected}"` };
  const body = isJsonPatch ? jsonPatch(mark) : fhirPathPatch(partsOf(key)[0], mark);
  return {
    path,
    sending: { method: 'PATCH', headers: { 'content-type': type, ...matching }, body },
    writes: [write],
    done: (answer) => ({ writes: [written(write, answer)] }),
    refused: (answer) => refusal(key, answer),
  };
}

const patch: Make = (state, key) => patching(state, key, key);
const patchMatching: Make = (state, key) => patching(state, key, key, expectation(state, key));
const patchByCriteria: Make = (state, key) => patching(state, key, byCriteria(state, key));

function deleting(key: string, path: string, expected?: number): Asked {
  const write = { key, does: 'delete' as const, ...(expected !== undefined && { expected }) };
  const headers: Record<string, string> = expected === undefined ? {} : { 'if-match': `W/"${expected}"` };
  return {
    path,
    sending: { method: 'DELETE', headers },
    writes: [write],
    done: ({ headers: { etag } }) => deleted(write, versionIn(etag)),
    refused: (answer) => refusal(key, answer),
  };
}

const remove: Make = (_state, key) => deleting(key, key);
const removeMatching: Make = (state, key) => deleting(key, key, expectation(state, key));
const removeByCriteria: Make = (state, key) => deleting(key, byCriteria(state, key));

/** How often each is sent. */
const WEIGHTS: [Make, number][] = [
  [put, 4],
  [putNew, 2],
  [putMatching, 4],
  [putByCriteria, 3],
  [putByCriteriaMatching, 1],
  [patch, 3],
  [patchMatching, 1],
  [patchByCriteria, 2],
  [remove, 1],
  [removeMatching, 1],
  [removeByCriteria, 1],
];
const WRITES = WEIGHTS.flatMap(([make, weight]) => Array<Make>(weight).fill(make));
const READS = [read, read, read, read, search, history];

export const readRequest = (state: ClientState): Asked =>
  state.random.pick(READS)(state, readRegister(state));
export const writeRequest = (state: ClientState): Asked =>
  state.random.pick(WRITES)(state, someRegister(state));
