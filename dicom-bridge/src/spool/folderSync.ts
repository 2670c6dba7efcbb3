import type { FileHandle } from 'node:fs/promises';

/** Makes names in a folder safe from a power loss: those who ask while one fsync runs share the next. */
export class FolderSync {
  readonly #folder: FileHandle;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(folder: FileHandle) {
    this.#folder = folder;
  }

  /** What is in the folder now stays there. */
  async sync(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    await this.#next;
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => undefined); // told to who asked
    await this.#folder.close();
  }

  async #after(running: Promise<void> | undefined): Promise<void> {
    await running?.catch(() => undefined); // told to who asked
    this.#next = undefined;
    this.#running = this.#folder.sync();
    await this.#running;
  }
}
