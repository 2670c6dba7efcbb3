import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { PduGuard, type PduLimits } from './pduGuard.ts';

/**
 * A connection as the DICOM library sees it: what is read has passed a {@link PduGuard}, and `pause` holds it back down to the peer. It ends with
 * whatever ends the socket, or is refused by the guard.
 */
export class GuardedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #guard: PduGuard;
  #onDrain: (() => void) | undefined;

  constructor(socket: Socket, limits?: PduLimits) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#guard = new PduGuard(limits);
    this.#guard.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#guard.pause();
    });
    this.#guard.once('end', () => this.push(null));
    this.#guard.once('error', (error) => this.destroy(error));
    socket.on('drain', () => this.#drained());
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
    socket.pipe(this.#guard);
  }

  /** Resolves when the peer has taken what was written, or the connection is at its end; never rejects. */
  async untilDrained(): Promise<void> {
    if (!this.writableNeedDrain || this.destroyed) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        this.off('drain', settle);
        this.off('close', settle);
        resolve();
      };
      this.on('drain', settle);
      this.on('close', settle);
    });
  }

  /** The listener keeps the times (dimse/listener.ts). */
  setTimeout(): this {
    return this;
  }

  override _read(): void {
    this.#guard.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.write(chunk)) done();
    else this.#onDrain = done;
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#drained();
    this.#socket.destroy();
    this.#guard.destroy();
    done(error);
  }

  #drained(): void {
    const done = this.#onDrain;
    this.#onDrain = undefined;
    done?.();
  }
}
