import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one request; whatever it throws becomes a 500, which makes the measurement invalid. */
export type FloorHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface OpenFloor {
  handle: FloorHandler;
  close(): Promise<void>;
}

/** The least that any server on this PostgreSQL must do for a request. */
export interface Floor {
  /** Ways to reach the database. Where there are several, all are tried and the fastest is the floor. */
  variants: readonly string[];
  /** Opens the connections, asserts that each is durable, and answers from then on. */
  open(databaseUrl: string, variant: string): Promise<OpenFloor>;
}
