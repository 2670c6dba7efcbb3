import { connect, type Socket } from 'node:net';
import { ResponseParser, type HttpResponse } from './responseParser.ts';

export interface PreparedRequest {
  bytes: Buffer;
  answer: string;
}

/** What a connection reports to and is steered by. */
export interface ConnectionPort {
  host: string;
  port: number;
  /** The next request, or undefined when it is time to stop. */
  next(): PreparedRequest | undefined;
  /** Whether the answer to the next request is to be looked into. */
  checking(): boolean;
  answered(elapsedMs: number): void;
  failed(what: string): void;
}

const ERROR_TEXT_CHARS = 300;

/** One keep-alive connection in a closed loop: the next request goes out when the answer to the last one is whole. */
export class Connection {
  #port: ConnectionPort;
  #socket: Socket | undefined;
  #parser: ResponseParser;
  #current: PreparedRequest | undefined;
  #sentAtMs = 0;
  #stopped: (() => void) | undefined;

  constructor(port: ConnectionPort) {
    this.#port = port;
    this.#parser = new ResponseParser((response) => this.#onResponse(response));
  }

  /** Sends until there is no next request; resolves when the last answer has come or the connection broke. */
  run(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      const socket = connect({ host: this.#port.host, port: this.#port.port, noDelay: true }, () =>
        this.#send(),
      );
      this.#socket = socket;
      socket.on('data', (bytes) => this.#onData(bytes));
      socket.on('error', (error) => this.#break(`connection: ${error.message}`));
      socket.on('close', () => this.#break('connection closed by the server'));
    });
  }

  #send(): void {
    this.#current = this.#port.next();
    if (!this.#current) return this.#stop();
    this.#parser.keepBody = this.#port.checking();
    this.#sentAtMs = performance.now();
    this.#socket?.write(this.#current.bytes);
  }

  #onData(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.#break((error as Error).message);
    }
  }

  #onResponse(response: HttpResponse): void {
    this.#port.answered(performance.now() - this.#sentAtMs);
    const text = response.body?.toString() ?? '';
    if (response.status < 200 || response.status > 299) {
      this.#port.failed(`status ${response.status} ${text.slice(0, ERROR_TEXT_CHARS)}`);
    } else if (response.body && !text.includes(this.#current?.answer ?? '')) {
      this.#port.failed(`an answer without ${this.#current?.answer}: ${text.slice(0, ERROR_TEXT_CHARS)}`);
    }
    if (response.closes) return this.#break('connection closed by the server');
    this.#send();
  }

  /** A broken connection stays broken: the window is invalid anyway. */
  #break(what: string): void {
    if (!this.#stopped) return;
    this.#port.failed(what);
    this.#stop();
  }

  #stop(): void {
    const stopped = this.#stopped;
    this.#stopped = undefined;
    this.#socket?.destroy();
    stopped?.();
  }
}
