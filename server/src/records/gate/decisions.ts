import type { Access, AccessInteraction } from '../../access/access.ts';
import type { StoredVersion } from '../../store/resource/types.ts';

/** Decisions in each of the two generations that are remembered. */
export const DECISIONS_REMEMBERED_MAX = 10_000;

type Version = Pick<StoredVersion, 'id' | 'version' | 'lastUpdated'>;

/**
 * Whether somebody may see a version, decided once: a version never changes, nor does what an `Access` decides by, since another is made
 * when a policy, a role or a consent changes. Those that were not asked for again go first.
 */
export class Decisions {
  readonly #numbers = new WeakMap<Access, number>();
  #nextNumber = 1;
  #young = new Map<string, boolean>();
  #old = new Map<string, boolean>();

  /** @param decide undefined: it is not known from the version alone, and not remembered */
  of(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: Version,
    decide: () => boolean | undefined,
  ): boolean | undefined {
    const key = `${this.#numberOf(access)}${interaction}/${type}/${version.id}/${version.version}/${+version.lastUpdated}`;
    const known = this.#young.get(key);
    if (known !== undefined) return known;
    const decision = this.#old.get(key) ?? decide();
    if (decision !== undefined) this.#remember(key, decision);
    return decision;
  }

  #remember(key: string, decision: boolean): void {
    if (this.#young.size >= DECISIONS_REMEMBERED_MAX) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, decision);
  }

  #numberOf(access: Access): number {
    let number = this.#numbers.get(access);
    if (number === undefined) this.#numbers.set(access, (number = this.#nextNumber++));
    return number;
  }
}
