import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Checkpoint } from '../../store/audit/checkpointTable.ts';
import type { PlacedRecord } from '../encode.ts';
import { copyOf } from '../sealing/copies.ts';
import { dicomMessage } from './dicomMessage.ts';
import type { Sink } from './sink.ts';
import { syslogFrame } from './syslogMessage.ts';

/** Making a connection, and writing a batch, takes no longer. */
const TIMEOUT_MS = 10_000;
/** So long a connection must stay whole after a batch: a server that has ended answers it by breaking the connection. */
const SETTLE_MS = 200;
const TCP_PORT = 601;
const TLS_PORT = 6514;

export interface SyslogTarget {
  host: string;
  port: number;
  tls: boolean;
}

/** PEM texts. `ca` absent: the well-known authorities; `key` and `cert`: the server knows us by them. */
export interface SyslogTls {
  ca?: string;
  cert?: string;
  key?: string;
}

/** `syslog://host:port` (TCP, 601) or `syslogs://host:port` (TLS, 6514); undefined: no such address. */
export function syslogTarget(text: string): SyslogTarget | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname, search, hash, username } = new URL(text);
  const tls = protocol === 'syslogs:';
  if ((!tls && protocol !== 'syslog:') || hostname === '') return undefined;
  if (!['', '/'].includes(pathname) || search !== '' || hash !== '' || username !== '') return undefined;
  const number = port === '' ? (tls ? TLS_PORT : TCP_PORT) : Number(port);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: number, tls };
}

/**
 * Sends records as audit messages to a syslog server, as IHE ATNA's ITI-20 has it, and a line for each checkpoint. Syslog confirms
 * nothing: a batch counts when the network has taken it and the connection has stayed whole for a moment.
 */
export class SyslogSink implements Sink {
  readonly name: string;
  readonly #target: SyslogTarget;
  readonly #tls: SyslogTls;
  readonly #base: string;
  #socket: Socket | undefined;

  constructor(target: SyslogTarget, tls: SyslogTls, base: string) {
    this.name = `syslog${target.tls ? 's' : ''}:${target.host}:${target.port}`;
    this.#target = target;
    this.#tls = tls;
    this.#base = base;
  }

  async send(records: readonly PlacedRecord[], checkpoints: readonly Checkpoint[]): Promise<void> {
    const frames = [
      ...records.map((one) =>
        syslogFrame('DICOM+RFC3881', one.record.recordedMs, dicomMessage(one, this.#base)),
      ),
      ...checkpoints.map((one) => syslogFrame('CHECKPOINT', one.sealedMs, JSON.stringify(copyOf(one)))),
    ];
    const socket = (this.#socket ??= await this.#connect());
    try {
      await written(socket, Buffer.concat(frames));
    } catch (error) {
      this.#drop(socket);
      throw error;
    }
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), TIMEOUT_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
    });
  }

  #connect(): Promise<Socket> {
    const { host, port, tls } = this.#target;
    const named = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    return new Promise((resolve, reject) => {
      const socket = tls
        ? connectTls({ host, port, minVersion: 'TLSv1.2', ...named, ...this.#tls })
        : connectTcp({ host, port });
      const fail = (error: Error): void => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(TIMEOUT_MS, () => fail(new Error(`no answer from ${this.name}`)));
      socket.once('error', fail);
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        socket.setTimeout(0);
        socket.setKeepAlive(true);
        socket.removeListener('error', fail);
        socket.on('error', () => this.#drop(socket));
        socket.on('close', () => this.#drop(socket));
        socket.resume(); // a server of syslog says nothing; only so is its end noticed
        resolve(socket);
      });
    });
  }

  #drop(socket: Socket): void {
    socket.destroy();
    if (this.#socket === socket) this.#socket = undefined;
  }
}

/** Resolves when the operating system has taken it all, and the other side has not hung up until a moment later. */
function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(new Error('the connection was closed'));
    let timer = setTimeout(() => finish(new Error('the other side takes nothing')), TIMEOUT_MS);
    const broken = (): void => finish(new Error('the connection was closed'));
    const finish = (error?: Error | null): void => {
      clearTimeout(timer);
      socket.removeListener('close', broken);
      if (error) reject(error);
      else resolve();
    };
    socket.once('close', broken);
    socket.write(bytes, (error) => {
      if (error) return finish(error);
      clearTimeout(timer);
      timer = setTimeout(finish, SETTLE_MS);
    });
  });
}
