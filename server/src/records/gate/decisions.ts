import type { Access, AccessInteraction } from '../../access/access.ts';
import type { StoredVersion } from '../../store/resource/types.ts';

/** Decisions in each of the two generations that are remembered. */
export const DECISIONS_REMEMBERED_MAX = 10_000;

type Version = Pick<StoredVersion, 'id' | 'version' | 'lastUpdated'>;

interface Decided {
  version: number;
  lastUpdatedMs: number;
  decision: boolean;
}

/** Those of one `Access` and interaction about resources of one type, by their ids. */
type Scope = Map<string, Decided>;

/** So many decisions that came one after the other. */
class Generation {
  size = 0;
  readonly #scopes = new WeakMap<Access, Map<AccessInteraction, Map<string, Scope>>>();

  /** No text is put together to find it: that took longer than all else of a decision that is known. */
  scopeOf(access: Access, interaction: AccessInteraction, type: string): Scope {
    let interactions = this.#scopes.get(access);
    if (!interactions) this.#scopes.set(access, (interactions = new Map()));
    let types = interactions.get(interaction);
    if (!types) interactions.set(interaction, (types = new Map()));
    let scope = types.get(type);
    if (!scope) types.set(type, (scope = new Map()));
    return scope;
  }
}

/**
 * Whether somebody may see a version, decided once: a version never changes, nor does what an `Access` decides by, since another is made
 * when a policy, a role or a consent changes. Of a resource the version is remembered that was asked for last; those that were not
 * asked for again go first.
 */
export class Decisions {
  #young = new Generation();
  #old = new Generation();

  /** @param decide undefined: it is not known from the version alone, and not remembered */
  of(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: Version,
    decide: () => boolean | undefined,
  ): boolean | undefined {
    const scope = this.#young.scopeOf(access, interaction, type);
    const known = scope.get(version.id);
    if (known && isOf(known, version)) return known.decision;
    const before = this.#old.scopeOf(access, interaction, type).get(version.id);
    const decision = before && isOf(before, version) ? before.decision : decide();
    if (decision === undefined) return undefined;
    if (!known) this.#young.size += 1;
    scope.set(version.id, {
      version: version.version,
      lastUpdatedMs: version.lastUpdated.getTime(),
      decision,
    });
    if (this.#young.size >= DECISIONS_REMEMBERED_MAX) this.#age();
    return decision;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Generation();
  }
}

const isOf = (decided: Decided, { version, lastUpdated }: Version): boolean =>
  decided.version === version && decided.lastUpdatedMs === lastUpdated.getTime();
