import type { CodeQuestion, Ports, SubsumptionQuestion } from './ports.ts';

/** What the expressions of one validation may ask; the answer to more is not known. */
export const FACTS_MAX = 1_000;

export type FactQuestion =
  { kind: 'member'; question: CodeQuestion } | { kind: 'subsumption'; question: SubsumptionQuestion };

/**
 * What the expressions of one validation ask of terminology. They cannot wait for answers: the first run of the passes finds
 * out what is asked, and the passes run anew when it has been answered.
 */
export class Facts {
  readonly #ports: Ports;
  readonly #known = new Map<string, boolean | undefined>();
  readonly #open = new Map<string, FactQuestion>();
  /** Another one in each run: `all()` asks on where it is true, `exists()` where it is false. */
  #guess = true;
  #closed = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The answer; undefined: nobody knows it. One that is not {@link settled} is a guess. */
  of(question: FactQuestion): boolean | undefined {
    const key = JSON.stringify(question);
    if (this.#known.has(key) || this.#closed) return this.#known.get(key);
    if (this.#known.size + this.#open.size >= FACTS_MAX) return undefined;
    this.#open.set(key, question);
    return this.#guess;
  }

  /** Whether the last run has asked nothing new, so that what it found counts. */
  get settled(): boolean {
    return this.#open.size === 0;
  }

  /** Has answered what was asked. Rejects when a port does. */
  async settle(): Promise<void> {
    const asked = [...this.#open];
    this.#open.clear();
    this.#guess = !this.#guess;
    const { codes } = this.#ports;
    const members = asked.flatMap(([, { kind, question }]) => (kind === 'member' ? [question] : []));
    const [answers, subsumptions] = await Promise.all([
      members.length === 0 ? [] : codes?.answer(members),
      Promise.all(
        asked.map(([, { kind, question }]) =>
          kind === 'subsumption' ? codes?.subsumes?.(question) : undefined,
        ),
      ),
    ]);
    let member = 0;
    asked.forEach(([key, { kind }], i) => {
      const verdict = kind === 'member' ? answers?.[member++]?.verdict : undefined;
      const isMember = verdict === undefined || verdict === 'unknown' ? undefined : verdict === 'in';
      this.#known.set(key, kind === 'member' ? isMember : subsumptions[i]);
    });
  }

  /** From now on, what has not been answered is not known. */
  close(): void {
    this.#closed = true;
    this.#open.clear();
  }
}
