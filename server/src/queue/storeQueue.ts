/**
 * What wakes whoever does the work of a store: of all servers that take part, one is told. It holds nothing but who is to be woken, and may forget
 * that at any time, or be away: what is to be done stands in tables, where it is found again.
 */
export interface StoreQueue {
  /** Takes part from now on; it begins in the background, so that a server that has nothing to do never pays for it. */
  open(): void;
  /** Whether it does what it is asked: false before it is open, and while it is away. */
  readonly isAnswering: boolean;
  /** Who does work of a kind, on whichever server it is; to be called before `open`. Must not reject. */
  handle(kind: string, run: (key: string) => Promise<void>): void;
  /**
   * Has somebody look at each key, once: one that waits already does not wait twice, one that is looked at now is looked at again afterwards.
   * Neither rejects nor takes long. @returns false where the queue did not take it
   */
  wake(kind: string, keys: readonly string[]): Promise<boolean>;
  /** Ends when what is being done has ended. */
  close(): Promise<void>;
}
