import type { GuestFrame, LogLevel } from '../guest/frames.ts';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];
const METHOD = /^[A-Z]{1,20}$/;

/**
 * A line of a worker, made anew of what in it has the form of a frame: whatever else somebody has put into it is left behind.
 *
 * @returns undefined where it is none
 */
export function readGuestFrame(line: string): GuestFrame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const own = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  switch (own('kind')) {
    case 'ready':
      return { kind: 'ready' };
    case 'log': {
      const [level, text] = [own('level'), own('text')];
      if (typeof text !== 'string' || typeof level !== 'string' || !LEVELS.includes(level)) return undefined;
      return { kind: 'log', level: level as LogLevel, text };
    }
    case 'done': {
      const result = own('value');
      if (result !== undefined && !isJsonText(result)) return undefined;
      return { kind: 'done', ...(result !== undefined && { value: result }) };
    }
    case 'failed': {
      const text = own('text');
      return typeof text === 'string' ? { kind: 'failed', text } : undefined;
    }
    case 'fetch':
      return fetchFrame(own);
    default:
      return undefined;
  }
}

/** It is answered as JSON, and read again where a text is answered. */
function isJsonText(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function fetchFrame(own: (name: string) => unknown): GuestFrame | undefined {
  const [number, url, method, headers, body] = ['number', 'url', 'method', 'headers', 'body'].map(own);
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
  if (typeof url !== 'string' || typeof method !== 'string' || typeof body !== 'string') return undefined;
  if (!METHOD.test(method) || !Array.isArray(headers)) return undefined;
  const pairs = headers.map((pair: unknown): [string, string] | undefined =>
    Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'
      ? [pair[0], pair[1]]
      : undefined,
  );
  if (pairs.includes(undefined)) return undefined;
  return { kind: 'fetch', number, url, method, headers: pairs as [string, string][], body };
}
