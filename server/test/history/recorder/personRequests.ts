import type { Write } from '../checker/history.ts';
import { keyIn, seenResource, versionIn, written } from './answers.ts';
import { somePerson, type ClientState } from './clientState.ts';
import type { Asked } from './recorder.ts';
import { jsonPatch, personBody, personCriteria } from './registers.ts';

/** A request about what must be there only once. */
type Make = (state: ClientState, person: string) => Asked;

const someCriteria = ({ random }: ClientState, person: string): string =>
  encodeURI(random.pick(personCriteria(person)));

export const personWrite = (does: Write['does'], person: string, mark: string): Write => ({
  key: undefined,
  does,
  mark,
  criterion: person,
});

const create: Make = (state, person) => {
  const mark = state.world.recorder.mark();
  const write = { ...personWrite('put', person, mark), isOptional: true };
  return {
    path: 'Patient',
    sending: {
      method: 'POST',
      headers: { 'if-none-exist': someCriteria(state, person) },
      body: personBody(person, mark),
    },
    writes: [write],
    done: (answer) =>
      answer.status === 201
        ? { writes: [written(write, answer)] }
        : { writes: [], views: [[seenResource(JSON.parse(answer.text))]] },
  };
};

const update: Make = (state, person) => {
  const mark = state.world.recorder.mark();
  const write = personWrite('put', person, mark);
  return {
    path: `Patient?${someCriteria(state, person)}`,
    sending: { method: 'PUT', body: personBody(person, mark) },
    writes: [write],
    done: (answer) => ({ writes: [written(write, answer)] }),
  };
};

const patch: Make = (state, person) => {
  const mark = state.world.recorder.mark();
  const write = personWrite('append', person, mark);
  return {
    path: `Patient?${someCriteria(state, person)}`,
    sending: {
      method: 'PATCH',
      headers: { 'content-type': 'application/json-patch+json' },
      body: jsonPatch(mark),
    },
    writes: [write],
    done: (answer) => ({ writes: [written(write, answer)] }),
  };
};

/** In a bundle, whose answer says which one was deleted. */
const remove: Make = (state, person) => {
  const write: Write = { key: undefined, does: 'delete', criterion: person };
  const url = `Patient?${someCriteria(state, person)}`;
  return {
    path: '',
    sending: {
      method: 'POST',
      body: { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url } }] },
    },
    writes: [write],
    done: ({ text }) => {
      const [entry] = (JSON.parse(text) as { entry: { fullUrl?: string; response: { etag?: string } }[] })
        .entry;
      const version = versionIn(entry!.response.etag);
      return version === undefined
        ? { writes: [] }
        : { writes: [{ ...write, key: keyIn(entry!.fullUrl!), version }] };
    },
  };
};

const WEIGHTS: [Make, number][] = [
  [create, 6],
  [update, 2],
  [patch, 2],
  [remove, 1],
];
const MAKES = WEIGHTS.flatMap(([make, weight]) => Array<Make>(weight).fill(make));

export const personRequest = (state: ClientState): Asked =>
  state.random.pick(MAKES)(state, somePerson(state));
