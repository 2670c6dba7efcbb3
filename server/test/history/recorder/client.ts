import { setTimeout as sleep } from 'node:timers/promises';
import { remember, type ClientState } from './clientState.ts';
import { personRequest } from './personRequests.ts';
import { readRequest, writeRequest } from './registerRequests.ts';
import { readTransaction, transaction } from './transactionRequests.ts';

/** Before the next try, when the server is away. */
const AWAY_PAUSE_MS = 40;

const KINDS = [
  readRequest,
  readRequest,
  readRequest,
  readRequest,
  writeRequest,
  writeRequest,
  writeRequest,
  personRequest,
  personRequest,
  transaction,
  transaction,
  transaction,
  readTransaction,
  readTransaction,
];

/** Sends one request after the other until it is told to end. */
export async function act(state: ClientState, isOver: () => boolean): Promise<void> {
  const { recorder } = state.world;
  while (!isOver()) {
    const before = recorder.acknowledged;
    const operation = await recorder.run(state.number, state.random.pick(KINDS)(state));
    if (operation) remember(state, operation);
    if (recorder.acknowledged === before) await sleep(AWAY_PAUSE_MS);
  }
}
