import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../../server/test/acceptance/support/mutations/random.ts';

const FAILS_PERCENT = 2;
const HANGS_UP_PERCENT = 2;
const DELAYS_PERCENT = 15;
const DELAY_MS_MAX = 50;

/** Stands before a gateway: delays answers, answers 500 without asking it, and hangs up after it has done what it was asked. */
export class MoodyProxy {
  /** Requests that came. */
  heard = 0;
  /** Requests that the gateway has carried out without anybody hearing of it. */
  unheard = 0;
  readonly #target: URL;
  readonly #random: Random;
  readonly #server: Server;

  private constructor(target: string, random: Random) {
    this.#target = new URL(target);
    this.#random = random;
    this.#server = createServer((request, response) => void this.#pass(request, response));
  }

  static async open(target: string, random: Random): Promise<MoodyProxy> {
    const proxy = new MoodyProxy(target, random);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Its origin. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.heard += 1;
    const mood = this.#random.below(100);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // whoever asks was killed
    }
    if (mood < FAILS_PERCENT) return void response.writeHead(500).end();
    const answer = await this.#forward(request, Buffer.concat(chunks));
    if (mood < FAILS_PERCENT + HANGS_UP_PERCENT) {
      this.unheard += 1;
      return void request.socket.destroy();
    }
    if (mood < FAILS_PERCENT + HANGS_UP_PERCENT + DELAYS_PERCENT)
      await sleep(this.#random.below(DELAY_MS_MAX));
    response.writeHead(answer.status, { 'Content-Type': answer.type }).end(answer.body);
  }

  #forward(
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; type: string; body: Buffer }> {
    const { hostname, port } = this.#target;
    return new Promise((resolve, reject) => {
      const onward = ask({ hostname, port, method, path: url, headers }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const type = answer.headers['content-type'] ?? 'text/plain';
        resolve({ status: answer.statusCode!, type, body: Buffer.concat(chunks) });
      });
      onward.once('error', reject);
      onward.end(body);
    });
  }
}
