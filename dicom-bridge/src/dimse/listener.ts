import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { once } from 'node:events';
import type { AllowList } from '../peers/allowList.ts';
import { BridgeAssociation, type AssociationLog } from './association.ts';
import { GuardedSocket } from './guardedSocket.ts';
import type { DimseService } from './services.ts';
import type { StoreService } from './storeService.ts';
import { NO_WITNESS, type Witness } from './witness.ts';

export interface ListenerOptions {
  host: string;
  /** 0: any that is free. */
  port: number;
  aeTitle: string;
  allowList: AllowList;
  store: StoreService;
  /** Besides C-ECHO and C-STORE. */
  services?: readonly DimseService[];
  log: AssociationLog;
  /** Absent: nobody is told. */
  witness?: Witness;
  /** Key, certificate and the authorities whose certificates peers must have; absent: without TLS. */
  tls?: TlsOptions;
  limits?: Partial<ListenerLimits>;
}

export interface ListenerLimits {
  connectionsMax: number;
  /** Of one address. */
  connectionsOfAddressMax: number;
  /** Without a byte from the peer, the connection ends. */
  silenceMs: number;
  /** From the connection to an association of a peer that is admitted (the ARTIM timer of PS3.8 section 9.1.5), and before that for TLS. */
  associateMs: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  connectionsMax: 64,
  connectionsOfAddressMax: 32,
  silenceMs: 60_000,
  associateMs: 30_000,
};

/** Takes connections of DICOM's upper layer protocol (PS3.8), within limits. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #server: Server;
  readonly #sockets = new Map<Socket, string>();

  private constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...LISTENER_LIMITS, ...options.limits };
    const take = (socket: Socket): void => this.#take(socket);
    this.#server = options.tls
      ? createTlsServer(
          {
            minVersion: 'TLSv1.2',
            requestCert: true,
            rejectUnauthorized: true,
            handshakeTimeout: this.#limits.associateMs,
            ...options.tls,
          },
          take,
        )
      : createServer(take);
    this.#server.maxConnections = this.#limits.connectionsMax;
    this.#server.on('drop', (data) =>
      options.log('connection refused', { address: data?.remoteAddress, why: 'too many' }),
    );
    this.#server.on('tlsClientError', (error: Error, socket: Socket) => {
      const address = socket.remoteAddress;
      options.log('connection refused', { why: error.message });
      options.witness?.refused({ ...(address !== undefined && { address }) }, 'TLS');
    });
  }

  /** @throws when the port is taken */
  static async listen(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    listener.#server.listen(options.port, options.host);
    await once(listener.#server, 'listening');
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Ends all connections; what was not answered will be sent again. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets.keys()) socket.destroy();
    await closed;
  }

  #take(socket: Socket): void {
    const { aeTitle, allowList, store, services = [], log, witness = NO_WITNESS } = this.#options;
    const address = socket.remoteAddress ?? '';
    if (
      [...this.#sockets.values()].filter((one) => one === address).length >=
      this.#limits.connectionsOfAddressMax
    ) {
      log('connection refused', { address, why: 'too many of this address' });
      socket.destroy();
      return;
    }
    this.#sockets.set(socket, address);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    const connection = new GuardedSocket(socket);
    socket.setTimeout(this.#limits.silenceMs, () => {
      log('connection ended', { address, why: `nothing came for ${this.#limits.silenceMs} ms` });
      connection.destroy();
    });
    const stopWaiting = this.#awaitAssociation(connection, address);
    const certificate = certificateOf(socket);
    const told: AssociationLog = (event, details) => log(event, { address, ...details });
    // It lives as long as the connection, whose events it listens to.
    void new BridgeAssociation(connection, {
      aeTitle,
      address,
      ...(certificate !== undefined && { certificate }),
      admits: (calling) => {
        const isAdmitted = allowList.admits(calling, address, certificate);
        if (isAdmitted) stopWaiting();
        return isAdmitted;
      },
      mayStore: (calling) => allowList.mayUse(calling, 'store'),
      store,
      services,
      log: told,
      witness,
    });
  }

  /** Who sends a byte now and then, and never has an association, would hold a connection for ever. @returns ends the waiting */
  #awaitAssociation(connection: GuardedSocket, address: string): () => void {
    const { associateMs } = this.#limits;
    const timer = setTimeout(() => {
      this.#options.log('connection ended', { address, why: `no association within ${associateMs} ms` });
      connection.destroy();
    }, associateMs);
    const stop = (): void => clearTimeout(timer);
    connection.once('close', stop);
    return stop;
  }
}

/** SHA-256 of what the peer has shown, as peers have it; undefined without TLS. */
const certificateOf = (socket: Socket): string | undefined =>
  socket instanceof TLSSocket
    ? socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase()
    : undefined;
