/** When what patients withhold changes by itself: where a provision begins to be in force, or has ended. */
export class Turns {
  readonly #next = new Map<string, number[]>();
  #soonestMs = Infinity;

  /** @param turns moments, in milliseconds since 1970 UTC; those that are over say nothing */
  set(patient: string, turns: readonly number[], nowMs: number): void {
    const coming = turns.filter((turn) => turn > nowMs);
    if (coming.length === 0) this.#next.delete(patient);
    else this.#next.set(patient, coming);
    this.#soonestMs = Math.min(this.#soonestMs, ...coming);
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#soonestMs;
  }

  /** Patients for whom something has turned since they were last set or asked about. */
  turned(nowMs: number): string[] {
    if (!this.isDue(nowMs)) return [];
    const turned = [...this.#next].filter(([, turns]) => turns.some((turn) => turn <= nowMs));
    this.#soonestMs = Infinity;
    for (const [patient, turns] of [...this.#next]) this.set(patient, turns, nowMs);
    return turned.map(([patient]) => patient);
  }
}
