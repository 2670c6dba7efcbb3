import { setTimeout as sleep } from 'node:timers/promises';
import {
  createUnlessThere,
  patchByCriteria,
  patchById,
  putByCriteria,
  putPerson,
  putReferring,
  removeByCriteria,
} from './conditionalWriter.ts';
import type { Attempt } from './ledger.ts';
import { tell } from './requests.ts';
import { settle } from './settle.ts';
import { TYPES, contentOf, resourceText } from './texts.ts';
import { transaction } from './transactions.ts';
import { someKey, typeOf, type WriterState } from './writerState.ts';

/** Before the next try, when the server is away. */
const AWAY_PAUSE_MS = 40;

const OPERATIONS = [
  post,
  put,
  put,
  put,
  putMatching,
  putMatching,
  putNew,
  remove,
  createUnlessThere,
  createUnlessThere,
  createUnlessThere,
  putByCriteria,
  putPerson,
  putReferring,
  patchById,
  patchByCriteria,
  removeByCriteria,
  transaction,
  transaction,
  transaction,
  transaction,
  readMine,
];

/** Writes one thing after the other until it is told to end. */
export async function write(state: WriterState, over: () => boolean): Promise<void> {
  while (!over()) {
    const before = state.ledger.acknowledged;
    await state.random.pick(OPERATIONS)(state);
    if (state.ledger.acknowledged === before) await sleep(AWAY_PAUSE_MS);
  }
}

async function post(state: WriterState): Promise<void> {
  const { client, ledger, random } = state;
  const type = random.pick(TYPES);
  const mark = ledger.mark();
  const rest = contentOf(type, undefined, mark, random);
  const { outcome, answer } = await tell(client, ledger, type, {
    method: 'POST',
    body: resourceText(type, undefined, rest),
  });
  const id = /\/([^/]+)\/_history\/1$/.exec(answer?.headers.location ?? '')?.[1];
  const attempt: Attempt = {
    key: id && `${type}/${id}`,
    type,
    kind: 'put',
    mark,
    rest,
    outcome,
    expected: 0,
  };
  settle(state, attempt, answer);
  if (outcome === 'acknowledged') state.victims.push({ key: attempt.key!, mark });
}

function put(state: WriterState): Promise<void> {
  return putTo(state, someKey(state), undefined);
}

async function putMatching(state: WriterState): Promise<void> {
  const key = someKey(state);
  await putTo(state, key, state.known.get(key));
}

async function putNew(state: WriterState): Promise<void> {
  state.fresh += 1;
  const key = `${state.random.pick(TYPES)}/${state.name}-new-${state.fresh}`;
  await putTo(state, key, state.random.oneIn(2) ? 0 : undefined);
}

async function putTo(state: WriterState, key: string, expected: number | undefined): Promise<void> {
  const { client, ledger, random } = state;
  const type = typeOf(key);
  const mark = ledger.mark();
  const id = key.split('/')[1];
  const rest = contentOf(type, id, mark, random);
  const headers: Record<string, string> =
    expected === undefined
      ? {}
      : expected === 0
        ? { 'if-none-match': '*' }
        : { 'if-match': `W/"${expected}"` };
  const body = resourceText(type, id, rest);
  const { outcome, answer } = await tell(client, ledger, key, { method: 'PUT', headers, body });
  settle(
    state,
    { key, type, kind: 'put', mark, rest, outcome, ...(expected !== undefined && { expected }) },
    answer,
  );
}

async function remove(state: WriterState): Promise<void> {
  const key = someKey(state);
  const { outcome, answer } = await tell(state.client, state.ledger, key, { method: 'DELETE' });
  settle(state, { key, type: typeOf(key), kind: 'delete', mark: '', rest: '', outcome }, answer);
}

/** What was acknowledged can be read at once, also after a restart. */
async function readMine(state: WriterState): Promise<void> {
  const key = state.random.pick([...state.mine.keys(), '']);
  const wanted = state.mine.get(key);
  if (wanted === undefined) return;
  const { outcome, answer } = await tell(state.client, state.ledger, key, {});
  const found =
    outcome === 'acknowledged'
      ? answer!.text
      : answer?.status === 404 || answer?.status === 410
        ? 'gone'
        : wanted;
  if (found !== wanted)
    state.ledger.violations.push(`${key} was acknowledged as ${wanted} and read as ${found}`);
}
