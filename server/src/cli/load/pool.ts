/** Runs tasks side by side, so many at a time and with so many bytes held by them. */
export interface Pool {
  /** Starts a task as soon as there is room, and returns then. A task must not reject. */
  start(bytes: number, task: () => Promise<void>): Promise<void>;
  /** Resolves when all started tasks have ended. */
  idle(): Promise<void>;
}

/** A pool; a task that alone exceeds `bytesMax` runs by itself. */
export function createPool(parallel: number, bytesMax: number): Pool {
  const running = new Set<Promise<void>>();
  let heldBytes = 0;
  const full = (bytes: number): boolean =>
    running.size >= parallel || (running.size > 0 && heldBytes + bytes > bytesMax);
  return {
    async start(bytes, task) {
      while (full(bytes)) await Promise.race(running);
      heldBytes += bytes;
      const run: Promise<void> = task().finally(() => {
        heldBytes -= bytes;
        running.delete(run);
      });
      running.add(run);
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
