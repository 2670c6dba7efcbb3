import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { DataSetTaker } from './dataSetValues.ts';
import { PduGuard, type PduLimits } from './pduGuard.ts';

/**
 * A connection as the DICOM library sees it: what is read has passed a {@link PduGuard}, and `pause` holds it back down to the peer. It ends with
 * whatever ends the socket, or is refused by the guard.
 */
export class GuardedSocket extends Duplex {
  readonly #socket: Socket;
  readonly #guard: PduGuard;
  #onDrain: (() => void) | undefined;
  #dataSetTaker: (() => DataSetTaker | undefined) | undefined;

  constructor(socket: Socket, limits?: PduLimits) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#guard = new PduGuard({
      pass: (pdu) => void this.push(pdu),
      // As long as PDUs wait to be read, nobody knows what comes next.
      dataSetTaker: () => (this.readableLength === 0 ? this.#dataSetTaker?.() : undefined),
      ...(limits && { limits }),
    });
    socket.on('data', (chunk: Buffer) => {
      this.#guarded(() => this.#guard.take(chunk));
      if (this.readableLength >= this.readableHighWaterMark) socket.pause();
    });
    socket.once('end', () => {
      if (this.#guarded(() => this.#guard.end())) this.push(null);
    });
    socket.on('drain', () => this.#drained());
    socket.once('error', (error) => this.destroy(error));
    socket.once('close', () => this.destroy());
  }

  /** Has the data sets of objects taken as they come, instead of read with everything else. @param taker asked at each P-DATA-TF; undefined: nobody */
  giveDataSetsTo(taker: () => DataSetTaker | undefined): void {
    this.#dataSetTaker = taker;
  }

  override pause(): this {
    this.#socket.pause(); // what goes to a taker is not held back by who reads
    return super.pause();
  }

  override resume(): this {
    super.resume();
    this.#socket.resume();
    return this;
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
    if (!this.isPaused()) this.#socket.resume();
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
    done(error);
  }

  /** @returns whether the connection goes on */
  #guarded(work: () => void): boolean {
    if (this.destroyed) return false;
    try {
      work();
      return true;
    } catch (error) {
      this.destroy(error as Error);
      return false;
    }
  }

  #drained(): void {
    const done = this.#onDrain;
    this.#onDrain = undefined;
    done?.();
  }
}
