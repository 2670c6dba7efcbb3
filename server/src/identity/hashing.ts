import { hash, verify } from '@node-rs/argon2';
import { FhirError, errorIssue } from '../fhir/outcome.ts';

/** Cost of argon2id (the package's default algorithm): 19 MiB and two passes, as OWASP's Password Storage Cheat Sheet has it. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Each takes 20 MB and one of the few threads that files and DNS need as well. */
const HASHING_MAX = 2;
/** So many more wait for their turn. */
const WAITING_MAX = 200;
const RETRY_AFTER_S = 5;

/** Hashes that are slow on purpose (argon2id), a few at a time. */
export class SlowHashing {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws FhirError busy when too many wait */
  hash(text: string): Promise<string> {
    return this.#inTurn(() => hash(text, ARGON2));
  }

  /** @throws FhirError busy when too many wait */
  verify(hashed: string, text: string): Promise<boolean> {
    return this.#inTurn(() => verify(hashed, text));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < HASHING_MAX) this.#running += 1;
    else if (this.#waiting.length < WAITING_MAX)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else {
      const text = 'Too many passwords are being checked at the moment. Try again.';
      throw new FhirError('busy', [errorIssue('throttled', text)], RETRY_AFTER_S);
    }
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
