/** A connection on which somebody is told of events. */
export interface Outlet {
  /**
   * Passes a notification on.
   *
   * @param number of the last event in it; absent: it tells of none
   * @returns when it has left, so that whoever is slow is not sent more
   * @throws when the connection has ended
   */
  send(text: string, number?: number): Promise<void>;
}

/** Lets one work at a time: of all that waits for a slow connection, one notification is in memory. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined); // told to whoever waits for it
    return done;
  }
}
