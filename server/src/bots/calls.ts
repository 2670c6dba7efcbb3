import { fhirError } from '../fhir/outcome.ts';
import type { GuestInput } from './guest/frames.ts';

/** What somebody sends to a bot by HTTP. */
export interface BotCall {
  contentType: string;
  bytes: Uint8Array;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Where a call came from, as the audit log has it. */
export interface CallOrigin {
  address?: string;
  requestId: string;
}

/** What a bot answers by HTTP. */
export interface BotAnswer {
  contentType: string;
  body: string;
}

/** Longest body that a bot is given. */
export const INPUT_BYTES_MAX = 16 * 2 ** 20;
/** What a bot is told of the request. */
const HEADERS = [
  'idempotency-key',
  'content-type',
  'accept',
  'accept-language',
  'user-agent',
  'stripe-signature',
  'x-signature',
  'x-twilio-signature',
  'x-request-id',
];
const FHIR_JSON = 'application/fhir+json';

/** The headers that a bot is told of. @param requestId its idempotency key where the sender gives none */
export function toldHeaders({ headers }: BotCall, requestId: string): Record<string, string> {
  const kept = HEADERS.flatMap((name): [string, string][] => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return { 'idempotency-key': requestId, ...Object.fromEntries(kept) };
}

/**
 * A body as a bot is given it: JSON as what it means, any other text as it stands; what is no text in base64. JSON stays a text here: what it means takes
 * many times the memory, and is for the bot's own process.
 *
 * @param isRaw JSON as it stands, too (Bot.rawBody): who checks a signature needs the very text
 */
export function inputOf(
  { contentType, bytes }: Pick<BotCall, 'contentType' | 'bytes'>,
  isRaw: boolean,
): GuestInput {
  if (bytes.length === 0) return {};
  if (/^application\/octet-stream|^(?:image|audio|video)\//.test(contentType))
    return { input: Buffer.from(bytes).toString('base64') };
  const text = Buffer.from(bytes).toString('utf8');
  return isRaw || !/[/+]json\b/.test(contentType) ? { input: text } : { inputJson: text };
}

/** @throws FhirError `incorrect` for JSON that is none */
export function requireReadable(call: Pick<BotCall, 'contentType' | 'bytes'>, isRaw: boolean): void {
  const { inputJson } = inputOf(call, isRaw);
  if (inputJson === undefined) return;
  try {
    JSON.parse(inputJson);
  } catch {
    throw fhirError('incorrect', 'structure', 'The body is no JSON, as its Content-Type says it is.');
  }
}

/** What a handler returned, as Medplum answers it; undefined where it returned nothing. @param text JSON */
export function answerOf(text: string | undefined): BotAnswer | undefined {
  if (text === undefined) return undefined;
  const value = JSON.parse(text) as unknown;
  if (typeof value === 'string') return { contentType: 'text/plain; charset=utf-8', body: value };
  const isResource = typeof value === 'object' && value !== null && 'resourceType' in value;
  return { contentType: isResource ? FHIR_JSON : 'application/json', body: text };
}
