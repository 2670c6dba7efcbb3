import type { Logger } from 'pino';

/** Told of what happens. Neither events nor details have patient data in them. */
export type Log = (event: string, details: Record<string, unknown>) => void;

export interface Fault {
  /** Date and time, ISO 8601. */
  at: string;
  event: string;
  details: Record<string, unknown>;
}

/** What happens in the ordinary course of things; all other events are faults. */
const ROUTINE: ReadonlySet<string> = new Set([
  'association accepted',
  'object noted again',
  'peers changed',
  'query answered',
  'retrieval answered',
  'storage commitment reported',
  'server answers again',
  'study erased',
]);
const FAULTS_MAX = 20;

/** Writes events to a logger, and remembers the last faults for whoever asks how the bridge is. */
export class BridgeLog {
  readonly #logger: Logger;
  readonly #faults: Fault[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly log: Log = (event, details) => {
    if (ROUTINE.has(event)) return this.#logger.info(details, event);
    this.#logger.warn(details, event);
    this.#faults.unshift({ at: new Date().toISOString(), event, details });
    this.#faults.length = Math.min(this.#faults.length, FAULTS_MAX);
  };

  /** The last ones, newest first. */
  get faults(): readonly Fault[] {
    return this.#faults;
  }
}
