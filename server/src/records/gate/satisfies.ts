import { deciderOf, type Decision } from '../../access/decide.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import type { Candidate } from '../../store/search/match/candidate.ts';
import { ReferenceWalks } from '../../store/search/include/referenceWalk.ts';
import type { Store } from '../../store/store.ts';

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>;

/** A resource as it would be after a write: stored already or not. */
export interface Proposed {
  type: string;
  /** Absent: the server is to choose it, so that nothing refers to it yet. */
  id?: string;
  /** Plain JSON. */
  resource: Resource;
}

/** Decides conditions on resources that are not stored: by their own content, and in the database on what they refer to. */
export class Satisfying {
  readonly #store: Store;
  readonly #walks: ReferenceWalks;

  constructor(store: Store) {
    this.#store = store;
    this.#walks = new ReferenceWalks(store.definitions, store.index);
  }

  /** What cannot be told (by codes of a value set, full text, ...) is not satisfied. */
  async satisfies(proposed: Proposed, condition: Condition): Promise<boolean> {
    const { type, id, resource } = proposed;
    const rows = this.#store.indexer.index(resource);
    const candidate: Candidate = { id, isContained: false, resource, rows };
    return (await this.#decide({ ...proposed, type, candidate }, condition)) === true;
  }

  async #decide(proposed: Proposed & { candidate: Candidate }, condition: Condition): Promise<Decision> {
    switch (condition.kind) {
      case 'and':
        return this.#firstOr(false, proposed, condition.conditions);
      case 'or':
        return this.#firstOr(true, proposed, condition.conditions);
      case 'not': {
        const inner = await this.#decide(proposed, condition.condition);
        return inner === undefined ? undefined : !inner;
      }
      case 'chain':
        return this.#chain(proposed, condition);
      case 'has':
        return this.#has(proposed, condition);
      default:
        return deciderOf(this.#store.index, proposed.type, condition)(proposed.candidate);
    }
  }

  /** `decisive` where one part says so; else undecided where one part is; else the opposite. */
  async #firstOr(
    decisive: boolean,
    proposed: Proposed & { candidate: Candidate },
    parts: readonly Condition[],
  ): Promise<Decision> {
    let decision: Decision = !decisive;
    for (const part of parts) {
      const one = await this.#decide(proposed, part);
      if (one === decisive) return decisive;
      if (one === undefined) decision = undefined;
    }
    return decision;
  }

  async #chain({ type, resource }: Proposed, { parameter, targets }: Of<'chain'>): Promise<boolean> {
    const references = this.#walks.of(type, parameter)(resource);
    for (const { type: target, condition } of targets) {
      const ids = references.flatMap((one) => (one.kind === 'local' && one.type === target ? [one.id] : []));
      if (ids.length > 0 && (await this.#exists(target, [{ kind: 'id', ids }, condition]))) return true;
    }
    return false;
  }

  async #has({ type, id }: Proposed, { type: source, parameter, condition }: Of<'has'>): Promise<boolean> {
    if (id === undefined) return false;
    const refers: Condition = { kind: 'reference', parameter, references: [{ value: `${type}/${id}` }] };
    return this.#exists(source, [refers, condition]);
  }

  async #exists(type: string, conditions: Condition[]): Promise<boolean> {
    const { searcher, database } = this.#store;
    const wanted = { limit: 1, withContent: false };
    const matches = await searcher.criteriaMatches({ type, conditions, sort: [] }, wanted, (statement) =>
      database.search(statement),
    );
    return matches.length > 0;
  }
}
