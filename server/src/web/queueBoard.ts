import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Express } from 'express';
import { FhirError } from '../fhir/outcome.ts';
import type { BullStoreQueue } from '../queue/bull/bullStoreQueue.ts';

export interface QueueBoardParts {
  /** Path of the page as requests to the store have it. */
  path: string;
  /** As browsers have it. */
  publicPath: string;
  queue: Pick<BullStoreQueue, 'open' | 'queue'>;
  /** Who asks. @throws FhirError `login` where a token opens nothing, throttled, busy */
  visitor(request: IncomingMessage, response: ServerResponse): Promise<Visitor>;
  /** Where somebody signs in, and comes back from. */
  signInUrl(): string;
  onDefect(error: unknown): void;
}

export type Visitor = 'administrator' | 'other' | 'nobody';

/** How long a page waits for a queue that is being opened. */
const OPEN_MS_MAX = 3_000;
const OPEN_POLL_MS = 50;
const STATUS_OF: Partial<Record<FhirError['category'], number>> = { login: 401, throttled: 429, busy: 503 };

/**
 * What administrators see of the queue of a store: bull-board, which only shows. What it shows are keys of what is to be looked at; what became of
 * deliveries is told by `$dead-letters`.
 *
 * @returns false for a request for another path, then nothing was done
 */
export function createQueueBoard(
  parts: QueueBoardParts,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  let board: Promise<Board> | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return say(response, 405, 'This page only shows.', { Allow: 'GET, HEAD' });
    const visitor = await parts.visitor(request, response);
    if (visitor === 'nobody') return signIn(parts, request, response);
    if (visitor === 'other') return say(response, 403, 'Only administrators see the queue.');
    board ??= openBoard(parts);
    const { app, policy } = await board.catch((error: unknown) => {
      board = undefined;
      throw error;
    });
    response.setHeader('Content-Security-Policy', policy);
    request.url = (request.url ?? '').slice(parts.path.length) || '/';
    app(request, response);
  };
  return (request, response) => {
    const { url = '' } = request;
    if (!url.startsWith(parts.path) || !ENDS_OF_PATH.has(url[parts.path.length])) return false;
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof FhirError ? STATUS_OF[error.category] : undefined;
      if (status === undefined) parts.onDefect(error);
      if (!response.headersSent) say(response, status ?? 500, 'The queue cannot be shown at the moment.');
    });
    return true;
  };
}

/** What may follow a path in a URL that is the path, or below it. */
const ENDS_OF_PATH: ReadonlySet<string | undefined> = new Set([undefined, '/', '?']);

const HEADERS = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

/** A page is followed to where somebody signs in; its scripts and data are not. */
function signIn(parts: QueueBoardParts, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.accept?.includes('text/html'))
    response.writeHead(303, { Location: parts.signInUrl() }).end();
  else say(response, 401, 'Sign in as an administrator.', { 'WWW-Authenticate': 'Bearer realm="MaxRay"' });
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

interface Board {
  app: Express;
  policy: string;
}

/** Loaded when somebody first looks. @throws FhirError busy while the queue is away */
async function openBoard({ queue, publicPath }: QueueBoardParts): Promise<Board> {
  const deadlineMs = performance.now() + OPEN_MS_MAX;
  queue.open();
  while (queue.queue === undefined && performance.now() < deadlineMs) await sleep(OPEN_POLL_MS);
  if (queue.queue === undefined) throw new FhirError('busy', []);
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ]);
  // Its type says Redis; it knows the backend of PostgreSQL, too.
  const shown = queue.queue as unknown as ConstructorParameters<typeof BullMQAdapter>[0];
  const serverAdapter = new ExpressAdapter().setBasePath(publicPath);
  createBullBoard({
    queues: [new BullMQAdapter(shown, { readOnlyMode: true })],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'MaxRay', hideDocsLink: true } },
  });
  const app = serverAdapter.getRouter() as Express;
  app.disable('x-powered-by');
  return { app, policy: policyOf(viewOfBoard()) };
}

const viewOfBoard = (): string => {
  const ui = createRequire(import.meta.url).resolve('@bull-board/ui/package.json');
  return readFileSync(path.join(path.dirname(ui), 'dist/index.ejs'), 'utf8');
};

/** What the page is made of, and nothing from elsewhere: its fonts are those of the machine. */
function policyOf(view: string): string {
  const styles = [...view.matchAll(/<style>([^]*?)<\/style>/g)].map(
    ([, style]) => `'sha256-${createHash('sha256').update(style!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    "script-src 'self'",
    ["style-src 'self'", ...styles].join(' '),
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
