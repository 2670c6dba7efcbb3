import { fhirError } from '../../fhir/outcome.ts';

/** How somebody writes: as the backport guide says, in plain text, or as MedplumClient does, in JSON. */
export type Dialect = 'text' | 'json';

/** From where on somebody wants to be told; without a Subscription of the only one. */
export interface Position {
  subscription?: string;
  /** The last event that is known already. */
  number: number;
}

/** What a client says on a WebSocket. */
export type Message =
  | { kind: 'bind'; dialect: Dialect; token: string; after: Position[] }
  | { kind: 'unbind'; token: string }
  | { kind: 'ping' };

const BIND = 'bind-with-token';
const UNBIND = 'unbind-from-token';
const POSITION = /^(?:([A-Za-z0-9\-.]{1,64})\/)?(\d{1,15})$/;

/**
 * Reads `bind-with-token TOKEN`, with positions behind it (`17`, `SUBSCRIPTION/17`), or the same in JSON: `{"type":"bind-with-token","payload":{"token":"...","after":["17"]}}`.
 *
 * @throws FhirError `incorrect`
 */
export function readMessage(text: string): Message {
  return text.startsWith('{') ? readJson(text) : readText(text);
}

function readText(text: string): Message {
  const [name = '', token, ...after] = text.trim().split(/\s+/);
  if (name === 'ping' && token === undefined) return { kind: 'ping' };
  return messageOf(name.replace(/:$/, ''), token, after, 'text');
}

function readJson(text: string): Message {
  const { type, payload } = parsed(text);
  if (type === 'ping') return { kind: 'ping' };
  const { token, after = [] } = (payload ?? {}) as { token?: unknown; after?: unknown };
  return messageOf(type, token, Array.isArray(after) ? after : [after], 'json');
}

function parsed(text: string): { type?: unknown; payload?: unknown } {
  try {
    return JSON.parse(text) as { type?: unknown; payload?: unknown };
  } catch {
    throw notUnderstood();
  }
}

function messageOf(name: unknown, token: unknown, after: readonly unknown[], dialect: Dialect): Message {
  if ((name !== BIND && name !== UNBIND) || typeof token !== 'string') throw notUnderstood();
  if (name === UNBIND) return { kind: 'unbind', token };
  return { kind: 'bind', dialect, token, after: after.map(positionOf) };
}

function positionOf(given: unknown): Position {
  const text = typeof given === 'number' ? String(given) : given;
  const [, subscription, number] = (typeof text === 'string' && POSITION.exec(text)) || [];
  if (number === undefined)
    throw fhirError('incorrect', 'value', 'A position is the number of an event, such as 17 or id/17.');
  return { number: Number(number), ...(subscription !== undefined && { subscription }) };
}

const notUnderstood = () =>
  fhirError(
    'incorrect',
    'invalid',
    `A message is '${BIND} TOKEN', '${UNBIND} TOKEN' or 'ping', or the same as JSON: {"type":"${BIND}","payload":{"token":"..."}}.`,
  );
