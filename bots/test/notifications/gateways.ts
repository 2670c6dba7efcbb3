import { createECDH, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps what it gets. Addresses that begin with `refused` do not exist. */
export class MailSink {
  readonly mails: string[] = [];
  /** Refuses everything for now. */
  isBusy = false;
  /** Keeps a mail and says that it has not: as where the connection breaks before its answer is heard. */
  isUnheard: () => boolean = () => false;
  readonly #server: SMTPServer;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) => {
        if (this.isBusy) return done(smtpError(451, 'try again later'));
        done(address.startsWith('refused') ? smtpError(550, 'no such user') : null);
      },
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.mails.push(Buffer.concat(chunks).toString('utf8'));
          done(this.isUnheard() ? smtpError(451, 'try again later') : null);
        });
      },
    });
  }

  /** @returns SMTP_URL */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((done) => this.#server.close(done));
  }
}

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** An HTTP server that keeps what it gets, and answers as it is told. */
export class HttpSink {
  readonly received: Received[] = [];
  #answer: (request: Received) => { status: number; body?: string };
  readonly #server: Server;

  constructor(answer: (request: Received) => { status: number; body?: string }) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
        this.received.push(one);
        const { status, body = '' } = this.#answer(one);
        response.writeHead(status).end(body);
      });
    });
  }

  /** @returns its origin */
  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((done) => void this.#server.close(() => done()));
  }
}

/** What a browser makes when a page subscribes: a key pair, of which the page gets the public half. */
export function browserKeys(): { p256dh: string; auth: string } {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return {
    p256dh: pair.getPublicKey().toString('base64url'),
    auth: randomBytes(16).toString('base64url'),
  };
}
