import type { Access, AccessInteraction } from '../../access/access.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import type { Store } from '../../store/store.ts';
import { BINARY, SecurityContexts } from './securityContexts.ts';
import { withMeaning, type TokenMeanings } from '../tokenMeanings.ts';

/** A resource as it is stored. */
export interface StoredResource {
  type: string;
  id: string;
  content: string | null;
  /** The version that it is, where that is not the current one. */
  past?: StoredVersion;
}

/** Tells which stored resources a caller may touch. */
export class Visibility {
  readonly #store: Store;
  readonly #meanings: TokenMeanings | undefined;
  /** Of Binaries. */
  readonly contexts: SecurityContexts;

  constructor(store: Store, meanings: TokenMeanings | undefined) {
    this.#store = store;
    this.#meanings = meanings;
    this.contexts = new SecurityContexts(store, (...asked) => this.visibleIds(...asked));
  }

  /** Those of the resources that the interaction may touch, in their order; deleted ones are none of them. */
  async visible<T extends StoredResource>(
    access: Access,
    interaction: AccessInteraction,
    resources: readonly T[],
  ): Promise<T[]> {
    const undecided = new Map<string, string[]>();
    const byContexts = await this.#byContexts(access, interaction, resources);
    const decided = resources.map((resource) => {
      const { type, id, content } = resource;
      const byContext = byContexts.get(resource);
      if (byContext !== undefined) return byContext;
      const decision = content !== null && access.allowsText(type, interaction, content);
      if (decision === undefined) undecided.set(type, [...(undecided.get(type) ?? []), id]);
      return decision;
    });
    const found = new Set<string>();
    for (const [type, ids] of undecided)
      for (const id of await this.visibleIds(access, interaction, type, ids)) found.add(`${type}/${id}`);
    return resources.filter(({ type, id }, i) => decided[i] ?? found.has(`${type}/${id}`));
  }

  async #byContexts<T extends StoredResource>(
    access: Access,
    interaction: AccessInteraction,
    resources: readonly T[],
  ): Promise<ReadonlyMap<T, boolean>> {
    const decided = new Map<T, boolean>();
    for (const resource of resources) {
      if (resource.type !== BINARY || resource.content === null) continue;
      const decision = await this.contexts.decides(access, interaction, resource.content);
      if (decision !== undefined) decided.set(resource, decision);
    }
    return decided;
  }

  /** Of current versions, asked of the database. */
  async visibleIds(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    ids: readonly string[],
  ): Promise<string[]> {
    const reach = access.condition(type, interaction);
    if (reach === false || ids.length === 0) return [];
    const { searcher, database } = this.#store;
    const conditions = [{ kind: 'id' as const, ids: [...ids] }, ...(reach === true ? [] : [reach])];
    const search = await withMeaning({ type, conditions, sort: [] }, this.#meanings);
    const wanted = { limit: ids.length, withContent: false };
    const matches = await searcher.criteriaMatches(search, wanted, (one) => database.search(one));
    return matches.map(({ id }) => id);
  }
}
