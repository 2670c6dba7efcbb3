import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../../processes/target.ts';
import type { Message, Question, Received } from './messages.ts';

/** A process that takes notifications of rest-hooks, answers at once, and remembers when they came. */
const LAST_UPDATED = /"lastUpdated":"([^"]+)"/;

const nothing = (): Received => ({ events: 0, firstMs: Infinity, lastMs: -Infinity, delaysMs: [] });
let received = nothing();

const tell = (message: Message): void => void process.send?.(message);

const note = (body: string): void => {
  const nowMs = Date.now();
  const written = LAST_UPDATED.exec(body)?.[1];
  received.events += 1;
  received.firstMs = Math.min(received.firstMs, nowMs);
  received.lastMs = nowMs;
  if (written !== undefined) received.delaysMs.push(nowMs - Date.parse(written));
};

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  note(Buffer.concat(chunks).toString());
  response.writeHead(200).end();
});
server.keepAliveTimeout = 60_000;
server.listen(0, LOOPBACK, () => tell({ kind: 'port', port: (server.address() as AddressInfo).port }));
process.on('message', (question: Question) => {
  if (question !== 'take') return;
  tell({ kind: 'received', received });
  received = nothing();
});
process.once('disconnect', () => process.exit());
