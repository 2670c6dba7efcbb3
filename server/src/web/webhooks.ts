import express, { Router, type Request } from 'express';
import type { IncomingMessage } from 'node:http';

/** What was sent. */
export interface WebhookCall {
  contentType: string;
  bytes: Uint8Array;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Runs a bot for who has not signed in. @throws FhirError `not-found` where it does not take that */
export type Webhook = (
  bot: string,
  call: WebhookCall,
  request: IncomingMessage,
) => Promise<{ contentType: string; body: string } | undefined>;

/** Gateways say little: who has not signed in shall not fill the memory. */
const WEBHOOK_BYTES_MAX = 2 ** 20;

/**
 * `POST /webhook/[id of a Bot]`: what gateways call that cannot sign in. Only Bots that say so (`publicWebhook`) are run, with their own
 * rights: they check for themselves who calls, by a signature.
 */
export function webhookRoutes(run: Webhook): Router {
  const router = Router();
  const body = express.raw({ type: () => true, limit: WEBHOOK_BYTES_MAX });
  router.post('/webhook/:bot', body, async (request: Request<{ bot: string }>, response) => {
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const call = { contentType: request.get('content-type') ?? '', bytes, headers: request.headers };
    const answer = await run(request.params.bot, call, request);
    if (answer) response.set('Content-Type', answer.contentType).send(answer.body);
    else response.status(204).end();
  });
  return router;
}
