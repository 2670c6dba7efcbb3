/** What a receiver got since it was last asked. */
export interface Received {
  events: number;
  /** When the first and the last of them came, since 1970; Infinity and -Infinity where none did. */
  firstMs: number;
  lastMs: number;
  /** Of each, from the write's own time to its arrival: both are of clocks of this machine. */
  delaysMs: number[];
}

/** To the receiver. */
export type Question = 'take';

/** From the receiver: where it listens; an answer. */
export type Message = { kind: 'port'; port: number } | { kind: 'received'; received: Received };
