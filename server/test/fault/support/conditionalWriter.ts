import type { Answer, Sending } from '../../acceptance/support/client.ts';
import type { Attempt } from './ledger.ts';
import { tell, versionOf } from './requests.ts';
import { settle } from './settle.ts';
import {
  byCriteria,
  contentOf,
  fhirPathPatch,
  jsonPatch,
  nameCriteria,
  personContent,
  personCriteria,
  resourceText,
} from './texts.ts';
import { someKey, typeOf, type WriterState } from './writerState.ts';

const keyIn = ({ headers }: Answer): string => /(\w+\/[^/]+)\/_history\/\d+$/.exec(headers.location!)![1]!;

/** If-None-Exist in many spellings. */
export async function createUnlessThere(state: WriterState): Promise<void> {
  const { client, ledger, random } = state;
  const person = ledger.person(random);
  const mark = ledger.mark();
  const rest = personContent(person, mark);
  const { outcome, answer } = await tell(client, ledger, 'Patient', {
    method: 'POST',
    headers: { 'if-none-exist': encodeURI(random.pick(personCriteria(person))) },
    body: resourceText('Patient', undefined, rest),
  });
  const key = outcome === 'acknowledged' ? keyIn(answer!) : undefined;
  if (outcome === 'acknowledged' && answer!.status === 200)
    return ledger.give({ key: key!, version: versionOf(answer!)!, text: answer!.text });
  const attempt: Attempt = { key, type: 'Patient', kind: 'put', mark, rest, outcome, expected: 0 };
  settle(state, attempt, answer);
}

/** Makes a person, or writes the one that is there. */
export async function putPerson(state: WriterState): Promise<void> {
  const { client, ledger, random } = state;
  const person = ledger.person(random);
  const mark = ledger.mark();
  const rest = personContent(person, mark);
  const path = `Patient?${encodeURI(random.pick(personCriteria(person)))}`;
  const body = resourceText('Patient', undefined, rest);
  const { outcome, answer } = await tell(client, ledger, path, { method: 'PUT', body });
  const key = outcome === 'acknowledged' ? keyIn(answer!) : undefined;
  settle(state, { key, type: 'Patient', kind: 'put', mark, rest, outcome }, answer);
}

const byName = (key: string): string => `${typeOf(key)}?${nameCriteria(key)}`;

export const putByCriteria = (state: WriterState) => {
  const key = someKey(state);
  return putting(state, key, byName(key), (content) => content);
};

/** Refers to another resource by criteria. */
export const putReferring = (state: WriterState) => {
  const key = someKey(state);
  return putting(state, key, key, byCriteria);
};

async function putting(
  state: WriterState,
  key: string,
  path: string,
  sent: (content: string) => string,
): Promise<void> {
  const { client, ledger, random } = state;
  const [type, id] = [typeOf(key), key.split('/')[1]];
  const mark = ledger.mark();
  const rest = contentOf(type, id, mark, random);
  const body = resourceText(type, id, sent(rest));
  const { outcome, answer } = await tell(client, ledger, path, { method: 'PUT', body });
  settle(state, { key, type, kind: 'put', mark, rest, outcome }, answer);
}

export const patchById = (state: WriterState) => {
  const key = someKey(state);
  return patching(state, key, key);
};

export const patchByCriteria = (state: WriterState) => {
  const key = someKey(state);
  return patching(state, key, byName(key));
};

async function patching(state: WriterState, key: string, path: string): Promise<void> {
  const { client, ledger, random } = state;
  const mark = ledger.mark();
  const type = typeOf(key);
  const sending: Sending = random.oneIn(2)
    ? { headers: { 'content-type': 'application/json-patch+json' }, body: jsonPatch(mark) }
    : { body: fhirPathPatch(type, mark) };
  const { outcome, answer } = await tell(client, ledger, path, { method: 'PATCH', ...sending });
  settle(state, { key, type, kind: 'patch', mark, rest: '', outcome }, answer);
}

export async function removeByCriteria(state: WriterState): Promise<void> {
  const key = someKey(state);
  const { outcome, answer } = await tell(state.client, state.ledger, byName(key), { method: 'DELETE' });
  settle(state, { key, type: typeOf(key), kind: 'delete', mark: '', rest: '', outcome }, answer);
}
