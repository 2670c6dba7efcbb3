/**
 * What clients sent and were told, and what was stored in the end. A resource is a register: each write of it makes the
 * version after the last, so that the numbers tell the order of its writes.
 */

/** A resource as somebody saw it. */
export interface Seen {
  /** `Type/id`. */
  key: string;
  /** 0: there never was one; `absent`: it is not there, and since when was not said. */
  version: number | 'absent';
  /** Where it was given, and is no deletion. */
  text?: string;
}

/** One resource that an operation wrote, or would have written. */
export interface Write {
  /** Undefined where the server chooses the resource and did not say which. */
  key: string | undefined;
  /** `append` keeps what is there and adds to it. */
  does: 'put' | 'append' | 'delete';
  /** Is left in the resource by this write and no other; none by a deletion. */
  mark?: string;
  /** The version that the client demanded to be current; 0: none. */
  expected?: number;
  /** What no two resources at a time may satisfy. */
  criterion?: string;
  /** Whether nothing is written where something satisfies the criterion. */
  isOptional?: boolean;
  /** Of what was acknowledged. */
  version?: number;
  /** Whether it was told that nothing had been there. */
  created?: boolean;
  /** The resource in the answer. */
  text?: string;
}

export interface Operation {
  client: number;
  /** What was sent, for people. */
  what: string;
  /** Place in the one order of all invocations and completions. */
  invoked: number;
  /** Infinity where the outcome is unknown: it may take effect at any time after, or never. */
  completed: number;
  /** `refused`: nothing was written. */
  outcome: 'acknowledged' | 'refused' | 'unknown';
  /** All or none; without deletions that found nothing, where that was told. */
  writes: Write[];
  /** What was seen before the writes, or instead of them: each of a moment of its own. */
  views: Seen[][];
  /** What the read entries of a transaction saw: all of one moment, after its own writes. */
  reads: Seen[];
}

/** A version as it was stored in the end. */
export interface StoredVersion {
  /** Undefined: a deletion. */
  text: string | undefined;
  /** Of the writes that the content comes from, in their order. */
  marks: readonly string[];
  /** Milliseconds since 1970. */
  lastUpdatedMs: number;
}

export interface History {
  operations: readonly Operation[];
  /** By `Type/id` and number of the version. */
  stored: ReadonlyMap<string, ReadonlyMap<number, StoredVersion>>;
}

export const nameOf = (key: string, version: number): string => `${key}/_history/${version}`;

/** An operation in one line, for whoever looks into a violation. */
export function described({ client, what, invoked, completed, outcome }: Operation): string {
  return `[client ${client}, ${invoked} to ${completed}, ${outcome}] ${what}`;
}
