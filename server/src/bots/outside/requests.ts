import { exchange, SendError } from '../../outgoing/send.ts';
import type { Destinations } from '../../outgoing/destinations.ts';
import { toBase64 } from '../guest/base64.ts';
import type { AnswerFrame } from '../guest/frames.ts';
import type { GuestRequest } from '../workers/worker.ts';

type GuestAnswer = Omit<AnswerFrame, 'kind' | 'number'>;

export interface RequestParts {
  /** Root URL as clients know it, without a slash at its end: what a bot calls the server. */
  root: string;
  /** The same as this process reaches it. */
  localRoot: string;
  /** Path of the FHIR base below it. */
  fhirPath: string;
  accessToken: string;
  /** Origins that the bot may reach. */
  allow: readonly string[];
  destinations: Destinations;
  /** By when all has to be answered. */
  signal: AbortSignal;
  /** Told before something leaves for elsewhere, and of what is refused; what it throws refuses the request. @param why it is refused */
  onOutgoing(method: string, origin: string, why?: string): Promise<void>;
}

/** Requests of one run, to the server itself and elsewhere; and those at a time. */
export const REQUESTS_MAX = 1_000;
export const REQUESTS_AT_ONCE_MAX = 20;
/** Longest answer that a bot gets. */
export const ANSWER_BYTES_MAX = 16 * 2 ** 20;
/** Longest time of one request to elsewhere. */
const OUTGOING_TIMEOUT_MS = 30_000;
/** What a bot may say to the server beside its request; who it is, the server knows. */
const HEADERS = new Set(
  'accept accept-language content-type if-match if-none-match if-none-exist if-modified-since prefer x-provenance x-medplum idempotency-key'.split(
    ' ',
  ),
);
/** They say how the message is framed, and where it goes. */
const NOT_OUTGOING = new Set(
  'connection content-length expect host keep-alive proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
/** Of an answer, what is true no more once its body was unpacked. */
const NOT_ANSWERED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
]);

/** Sends what a bot from outside asks for: to the server itself as the bot, elsewhere only where it may. */
export class GuestRequests {
  readonly #parts: RequestParts;
  #made = 0;
  #underWay = 0;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /** Never rejects: what is not sent is answered with the reason. */
  async answer(request: GuestRequest): Promise<GuestAnswer> {
    this.#made += 1;
    if (this.#made > REQUESTS_MAX) return refused(`A run may send ${REQUESTS_MAX} requests.`);
    if (this.#underWay >= REQUESTS_AT_ONCE_MAX)
      return refused(`A run may send ${REQUESTS_AT_ONCE_MAX} requests at a time: await some of them.`);
    this.#underWay += 1;
    try {
      return await this.#send(request);
    } catch (error) {
      return refused(
        error instanceof SendError || error instanceof TypeError ? error.message : 'The request failed.',
      );
    } finally {
      this.#underWay -= 1;
    }
  }

  async #send(request: GuestRequest): Promise<GuestAnswer> {
    if (!URL.canParse(request.url)) return refused('It is no absolute URL.');
    const url = new URL(request.url);
    const { root, fhirPath } = this.#parts;
    const base = new URL(`${root}/${fhirPath}`);
    const isOwn =
      url.origin === base.origin &&
      (url.pathname === base.pathname || url.pathname.startsWith(`${base.pathname}/`));
    return isOwn ? this.#sendHome(request, url) : this.#sendAway(request, url);
  }

  async #sendHome({ method, headers, body }: GuestRequest, url: URL): Promise<GuestAnswer> {
    const { root, localRoot, accessToken, signal } = this.#parts;
    const path = url.pathname.slice(new URL(root).pathname.replace(/\/$/, '').length);
    const kept = headers.filter(([name]) => HEADERS.has(name.toLowerCase()));
    const answer = await fetch(`${localRoot}${path}${url.search}`, {
      ...{ method, signal, redirect: 'manual' },
      headers: [...kept, ['Authorization', `Bearer ${accessToken}`]],
      ...(body !== '' && { body: Buffer.from(body, 'base64') }),
    });
    const bytes = await limited(answer);
    return bytes === undefined
      ? refused(`The answer has more than ${ANSWER_BYTES_MAX} bytes: ask for less.`)
      : { status: answer.status, headers: withoutFraming([...answer.headers]), body: toBase64(bytes) };
  }

  async #sendAway({ method, headers, body }: GuestRequest, url: URL): Promise<GuestAnswer> {
    const { allow, destinations, signal, onOutgoing } = this.#parts;
    if (!allow.includes(url.origin)) {
      const why = `The bot may not reach ${url.origin}: an administrator has to allow it in the Bot.`;
      await onOutgoing(method, url.origin, why);
      return refused(why);
    }
    await onOutgoing(method, url.origin);
    const kept = headers.filter(([name]) => !NOT_OUTGOING.has(name.toLowerCase()));
    try {
      const answer = await exchange(
        {
          ...{
            method,
            url: url.href,
            signal,
            timeoutMs: OUTGOING_TIMEOUT_MS,
            answerBytesMax: ANSWER_BYTES_MAX,
          },
          headers: Object.fromEntries([...kept, ['accept-encoding', 'identity']]),
          body: Buffer.from(body, 'base64'),
        },
        destinations,
      );
      return {
        status: answer.status,
        headers: withoutFraming(answer.headers),
        body: answer.body.toString('base64'),
      };
    } catch (error) {
      if (error instanceof SendError && error.isRefused) await onOutgoing(method, url.origin, error.message);
      throw error;
    }
  }
}

async function limited(answer: Response): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const withoutFraming = (headers: [string, string][]): [string, string][] =>
  headers.filter(([name]) => !NOT_ANSWERED.has(name.toLowerCase()));

const refused = (error: string): GuestAnswer => ({ status: 0, headers: [], body: '', error });
