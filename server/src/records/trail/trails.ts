import { Trail, type Asked, type AuditLog, type Origin } from './trail.ts';

/** Begins the trails of requests. */
export class Trails {
  readonly #log: AuditLog;
  readonly #base: string;

  /** @param base absolute URL of the FHIR base */
  constructor(log: AuditLog, base: string) {
    this.#log = log;
    this.#base = base;
  }

  begin(origin: Origin, asked: Asked): Trail {
    return new Trail(this.#log, this.#base, origin, asked);
  }
}
