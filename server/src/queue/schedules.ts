/** What is to be done again and again, at times of a clock on some wall. */
export interface Schedule {
  /** Unique in the store, such as `bot/17`: what stands before the slash says who does it. */
  name: string;
  /** Minute, hour, day of the month, month, day of the week, as cron has them; with six fields the first is seconds. */
  cron: string;
  /** Of the IANA database, such as `Africa/Kampala`; absent: UTC. */
  timeZone?: string;
}

/** A time at which a schedule is due. */
export interface Due {
  name: string;
  /** The time that the schedule says; what was missed meanwhile is in it: it comes once, not once for each time missed. */
  dueAt: Date;
  /** The same however often this is tried, and of no other time: what is done is to be done once for each key. */
  key: string;
}

/** Does what is due. It is done when this resolves; else, or when the server dies meanwhile, it is tried again with the same key. */
export type DueHandler = (due: Due) => Promise<void>;

/**
 * The schedules of a store. Due times are rows in PostgreSQL: whatever the number of servers, one of them does what is due at a time, and none
 * does again what was done. What became due while no server ran is done once when one runs again.
 */
export interface Schedules {
  /** Makes a schedule, or changes it: then it counts from now. One that is as it was goes on as it was. @throws FhirError `value` about cron or time zone */
  put(schedule: Schedule): Promise<void>;
  /** Ends it; one that is not there is no error. What is being done is done. */
  remove(name: string): Promise<void>;
  /** The names that begin so. */
  names(prefix: string): Promise<string[]>;
  /** Says who does what is due of schedules whose names begin so; to be called before anything can be due, once for each prefix. */
  handle(prefix: string, handler: DueHandler): void;
}
