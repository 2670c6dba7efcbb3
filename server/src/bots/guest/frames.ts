/**
 * What a worker and the server tell each other: lines of JSON over standard input and output. Whatever comes from a worker is a claim of code
 * that may be hostile: it can ask, say something to the log, and end its own run, and nothing else, however it is written.
 */

/** What runs: a module of ours by its path, or the text of one that somebody has deployed. */
export type Program = { module: string } | { code: string };

/** What a bot is given: a value, or the JSON text of one; neither: nothing. */
export interface GuestInput {
  input?: unknown;
  inputJson?: string;
}

/** An event, as a bot gets it (BotEvent of @medplum/core). */
export interface GuestEvent extends GuestInput {
  bot: { reference: string; display?: string };
  contentType: string;
  secrets: Record<string, { name: string; valueString: string }>;
  headers: Record<string, string>;
  requester?: { reference: string };
}

/** The server to the worker: run this. One run at a time. */
export interface RunFrame {
  kind: 'run';
  program: Program;
  event: GuestEvent;
  /** Root URL of the server, with a slash at its end, and the path of the FHIR base below it. */
  baseUrl: string;
  fhirUrlPath: string;
  /** Absent: requests go through the server, which adds it. */
  accessToken?: string;
}

/** The server to the worker: what was answered to a request. */
export interface AnswerFrame {
  kind: 'answer';
  number: number;
  status: number;
  headers: [name: string, value: string][];
  /** In base64. */
  body: string;
  /** Why there was no answer. */
  error?: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The worker to the server. */
export type GuestFrame =
  | { kind: 'ready' }
  | {
      kind: 'fetch';
      number: number;
      url: string;
      method: string;
      headers: [name: string, value: string][];
      body: string;
    }
  | { kind: 'log'; level: LogLevel; text: string }
  /** `value` is JSON text; absent: nothing was returned. */
  | { kind: 'done'; value?: string }
  | { kind: 'failed'; text: string };
