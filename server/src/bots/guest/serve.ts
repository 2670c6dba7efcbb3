import { Hl7Message, MedplumClient, OperationOutcomeError, type BotEvent } from '@medplum/core';
import { fromBase64, toBase64 } from './base64.ts';
import type { AnswerFrame, GuestEvent, GuestFrame, LogLevel, Program, RunFrame } from './frames.ts';

/** What a runtime gives a guest. */
export interface GuestRuntime {
  write(line: string): void;
  /** Lines that the server writes. */
  lines: AsyncIterable<string>;
  load(program: Program): Promise<{ handler?: unknown }>;
}

type Handler = (medplum: MedplumClient, event: BotEvent) => Promise<unknown>;
type Fetch = typeof fetch;

const HL7 = 'x-application/hl7-v2+er7';
const NO_BODY = new Set([204, 205, 304]);
const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

/** Runs bots in a process of their own: one after the other, as the server says. */
export async function serve(runtime: GuestRuntime): Promise<void> {
  const write = (frame: GuestFrame) => runtime.write(`${JSON.stringify(frame)}\n`);
  const relayed = new RelayedFetch(write);
  captureConsole(write);
  write({ kind: 'ready' });
  for await (const line of runtime.lines) {
    const frame = JSON.parse(line) as RunFrame | AnswerFrame;
    if (frame.kind === 'answer') relayed.answered(frame);
    else void run(runtime, frame, relayed.fetch).then(write);
  }
}

async function run(runtime: GuestRuntime, frame: RunFrame, relayed: Fetch): Promise<GuestFrame> {
  const { program, event, baseUrl, fhirUrlPath, accessToken } = frame;
  try {
    if (accessToken === undefined) globalThis.fetch = relayed;
    const { handler } = await runtime.load(program);
    if (typeof handler !== 'function')
      throw new TypeError(
        "The bot exports no function 'handler': write export async function handler(medplum, event).",
      );
    const medplum = new MedplumClient({
      ...{ baseUrl, fhirUrlPath },
      fetch: accessToken === undefined ? relayed : fetch,
      // Whoever relays says who asks; without one, the client would look for a login of before.
      accessToken: accessToken ?? 'relayed',
    });
    const value = await (handler as Handler)(medplum, asBotEvent(event));
    // As Medplum answers it: a message is its text.
    const text = JSON.stringify(value instanceof Hl7Message ? value.toString() : value);
    return { kind: 'done', ...(text !== undefined && { value: text }) };
  } catch (error) {
    return { kind: 'failed', text: messageOf(error) };
  }
}

function asBotEvent({ inputJson, ...event }: GuestEvent): BotEvent {
  const given = inputJson === undefined ? event.input : (JSON.parse(inputJson) as unknown);
  const isHl7 = event.contentType.startsWith(HL7) && typeof given === 'string';
  return { ...event, input: isHl7 ? Hl7Message.parse(given) : given } as BotEvent;
}

function messageOf(error: unknown): string {
  if (error instanceof OperationOutcomeError) {
    const issues = error.outcome.issue.map(
      ({ code, diagnostics, details }) => diagnostics ?? details?.text ?? code,
    );
    return issues.join(' ');
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** `fetch` through the server, which decides what may be reached. Redirects are answers, as any other. */
class RelayedFetch {
  readonly #write: (frame: GuestFrame) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<Response>>();
  #last = 0;

  constructor(write: (frame: GuestFrame) => void) {
    this.#write = write;
  }

  readonly fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const body = toBase64(new Uint8Array(await request.arrayBuffer()));
    const number = ++this.#last;
    const waiting = Promise.withResolvers<Response>();
    this.#waiting.set(number, waiting);
    const { url, method, headers } = request;
    this.#write({ kind: 'fetch', number, url, method, headers: [...headers], body });
    return waiting.promise;
  };

  answered({ number, status, headers, body, error }: AnswerFrame): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (error !== undefined) return waiting?.reject(new TypeError(error));
    waiting?.resolve(new Response(NO_BODY.has(status) ? null : fromBase64(body), { status, headers }));
  }
}

function captureConsole(write: (frame: GuestFrame) => void): void {
  for (const [name, level] of Object.entries(LEVELS)) {
    const say = (...values: unknown[]) => write({ kind: 'log', level, text: values.map(textOf).join(' ') });
    Object.assign(console, { [name]: say });
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
