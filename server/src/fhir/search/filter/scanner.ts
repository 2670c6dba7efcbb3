import { SearchFault, wrong } from '../faults.ts';

/** A fault at a place of a filter; one that has a place already keeps it. */
export function faultAt(at: number, fault: SearchFault): SearchFault {
  if (fault.message.startsWith(PLACE)) return fault;
  return new SearchFault(fault.kind, fault.code, `${PLACE} ${at}: ${fault.message}`);
}

const PLACE = '_filter, character';

/** Reads with a place for the faults. @throws SearchFault */
export function located<T>(at: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SearchFault) throw faultAt(at, error);
    throw error;
  }
}

/** Reads a filter's text from left to right. Positions count from 1. */
export class FilterScanner {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get at(): number {
    return this.#index + 1;
  }

  get isAtEnd(): boolean {
    return this.#index === this.#text.length;
  }

  skipSpace(): void {
    this.take(/\s*/y);
  }

  /** Takes what stands here if it matches; the expression must be sticky. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#index;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#index += found.length;
    return found;
  }

  /** @throws SearchFault unless the pattern stands here */
  expect(pattern: RegExp, what: string): string {
    return this.take(pattern) ?? this.fail(`here must stand ${what}`);
  }

  /** @throws SearchFault always */
  fail(text: string, at = this.at): never {
    throw faultAt(at, wrong(`${text}${this.isAtEnd && at === this.at ? ', but the filter ends' : ''}.`));
  }
}
