import { randomUUID } from 'node:crypto';
import type { Links } from '../../fhir/links/links.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import type {
  CriteriaMatch,
  LockedCriteria,
  TransactionView,
  WantedMatches,
} from '../../store/conditional/transactionView.ts';
import { meets } from '../../store/resource/expectedVersion.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { RecordSearch } from '../search.ts';
import { lookedFor, meantCriteria, type Criteria } from './criteria.ts';
import { fullUrlOf, linkReplacer, linkTarget, NO_REFERENCES, type LinkTarget } from './references.ts';
import { Placeholders } from './placeholders.ts';
import { refuseOverlaps } from './overlaps.ts';
import { targetId, type PutTarget, type Settled } from './settled.ts';
import { lockedStudies } from './studyClaims.ts';
import { Updates } from './updates.ts';
import {
  ambiguous,
  circular,
  mismatch,
  nothingToMatch,
  nothingToPatch,
  otherId,
  tooMany,
} from './settleFaults.ts';
import {
  type CreateOperation,
  type DeleteOperation,
  type PatchOperation,
  type TransactionOperation,
  type UpdateOperation,
} from './types.ts';

/** What settling needs of the store. Without a view no operation may have criteria. */
export interface SettlingParts {
  view: TransactionView | undefined;
  own: OwnResources;
  /** For what is updated: of it criteria see only what they could create anew, or patch. */
  updated: OwnResources;
  links: Links;
  search: RecordSearch;
  gate?: TransactionGate | undefined;
  /** Resources that one conditional delete may delete. */
  deletionsMax: number;
}

/** More than one match is one too many. */
const AMBIGUOUS = 2;

/**
 * Finds out which resource each operation means, in the order in which they take effect: delete, create, update and patch
 * (http://hl7.org/fhir/R4/http.html#trules). A later one sees what the earlier ones will have done.
 *
 * @returns what they come to, and what the updates will have written: two of them may yet mean one resource
 * @throws FhirError `precondition-failed` where criteria fit several, and where identities overlap
 */
export async function settle(
  parts: SettlingParts,
  operations: readonly TransactionOperation[],
): Promise<{ settled: Settled[]; updates: Updates }> {
  const settling = new Settling(parts, operations);
  await settling.run();
  return settling;
}

class Settling {
  readonly settled: Settled[] = [];
  readonly #parts: SettlingParts;
  readonly #operations: readonly TransactionOperation[];
  /** `Type/id` of what is deleted, with the number of them by type. */
  readonly #deleted = new Set<string>();
  readonly #deletedOfType = new Map<string, number>();
  readonly #placeholders: Placeholders;
  /** What links between entries lead to, as far as that is settled. */
  readonly #targets = new Map<string, LinkTarget>();
  /** `Type/id` of what is created -> its operation. */
  readonly #created = new Map<string, number>();
  readonly updates: Updates;

  constructor(parts: SettlingParts, operations: readonly TransactionOperation[]) {
    this.#parts = parts;
    this.#operations = operations;
    this.#placeholders = new Placeholders(operations);
    this.updates = new Updates(parts.updated);
  }

  async run(): Promise<void> {
    const operations = [...this.#operations.entries()];
    await this.#parts.view?.lock(this.#operations.flatMap((operation) => this.#lockedCriteria(operation)));
    operations.sort(([, one], [, other]) => ORDER[one.kind] - ORDER[other.kind]);
    const [deletes, others] = [
      operations.filter(([, { kind }]) => kind === 'delete'),
      operations.filter(([, { kind }]) => kind !== 'delete'),
    ];
    for (const [i, operation] of deletes) await this.#settle(operation, i, []);
    await this.#prefetch(true);
    await this.#prefetch(false);
    let open = others;
    while (open.length > 0) {
      const later: typeof open = [];
      for (const [i, operation] of open) {
        const placeholders = this.#placeholders.in(criteriaOf(operation) ?? NO_CRITERIA);
        if (!this.#placeholders.areSettled(placeholders, this.settled)) later.push([i, operation]);
        else await this.#settle(operation, i, placeholders);
      }
      if (later.length === open.length) throw circular(later[0]![1]);
      open = later;
    }
    refuseOverlaps(this.#operations, this.settled);
  }

  /** Looks for what many operations ask by one statement. @param creates those that create, or the others */
  async #prefetch(creates: boolean): Promise<void> {
    const criteria = this.#operations
      .filter(({ kind }) => kind !== 'delete' && (kind === 'create') === creates)
      .map(criteriaOf)
      .filter((one) => one !== undefined && this.#placeholders.in(one).length === 0);
    if (criteria.length < 2) return;
    const searches = criteria.map((one) => lookedFor(one!));
    const limit = AMBIGUOUS + Math.max(0, ...this.#deletedOfType.values());
    await this.#parts.view?.prefetch(searches, { limit, withContent: creates });
  }

  async #settle(operation: TransactionOperation, i: number, placeholders: readonly string[]): Promise<void> {
    let criteria = criteriaOf(operation);
    if (criteria && placeholders.length > 0) {
      const { settled } = this;
      const { search } = this.#parts;
      const replaced = this.#placeholders.replaced(criteria, placeholders, settled, this.#operations, search);
      criteria = await meantCriteria(this.#parts, replaced);
    }
    const settled = criteria
      ? await this.#settleMatch(operation, criteria, i)
      : this.#settleNamed(operation, i);
    this.settled[i] = settled;
    const fullUrl = fullUrlOf(operation);
    const id = targetId(settled);
    if (fullUrl !== undefined && id !== undefined) this.#targets.set(fullUrl, linkTarget(operation, id));
  }

  #settleNamed(operation: TransactionOperation, i: number): Settled {
    switch (operation.kind) {
      case 'create':
        return this.#creates(operation, i);
      case 'update':
        return this.#updatesAs({ operation, i }, named(operation, operation.id!));
      case 'patch':
        return { does: 'patch', ...named(operation, operation.id!) };
      case 'delete':
        this.#deletes(operation.type, operation.id!);
        return { does: 'delete', targets: [named(operation, operation.id!)] };
      case 'read':
        return { does: 'read', id: operation.id };
    }
  }

  #settleMatch(operation: TransactionOperation, criteria: Criteria, i: number): Promise<Settled> {
    switch (operation.kind) {
      case 'create':
        return this.#createUnlessFound(operation, criteria, i);
      case 'update':
        return this.#updateMatch(operation, criteria, i);
      case 'patch':
        return this.#patchMatch(operation, criteria);
      case 'delete':
        return this.#deleteMatches(operation, criteria);
      case 'read':
        throw new Error('a read has no criteria');
    }
  }

  async #deleteMatches(operation: DeleteOperation, criteria: Criteria): Promise<Settled> {
    const { deletionsMax } = this.#parts;
    // Also what another entry deletes: that both do must be seen, whatever their order.
    const wanted = { limit: deletionsMax + 1, toWrite: true };
    const matches = await this.#parts.view!.matches(lookedFor(criteria), wanted);
    if (matches.length > deletionsMax) throw tooMany(operation, deletionsMax);
    if (matches.length === 0 && operation.expectedVersion !== undefined) throw nothingToMatch(operation);
    for (const { id } of matches) this.#deletes(operation.type, id);
    return { does: 'delete', targets: matches.map((match) => found(operation, match)) };
  }

  #deletes(type: string, id: string): void {
    this.#deleted.add(`${type}/${id}`);
    this.#deletedOfType.set(type, (this.#deletedOfType.get(type) ?? 0) + 1);
  }

  async #createUnlessFound(operation: CreateOperation, criteria: Criteria, i: number): Promise<Settled> {
    const one = await this.#theOne(operation, criteria, { withContent: true });
    if (one === undefined) return this.#creates(operation, i);
    if (typeof one !== 'string') return { does: 'keep', match: one };
    return { does: 'share', id: one, with: this.#created.get(`${operation.type}/${one}`)! };
  }

  #creates(operation: CreateOperation, i: number): Settled {
    const id = randomUUID();
    const { type } = operation;
    this.#created.set(`${type}/${id}`, i);
    this.#parts.own.add(type, id, () => this.#linked(operation));
    return { does: 'create', id };
  }

  /** With its links, as far as they are settled. */
  #linked({ resource, fullUrl }: CreateOperation | UpdateOperation): Resource {
    return this.#parts.links.replaced(resource.value, linkReplacer(this.#targets, NO_REFERENCES, fullUrl));
  }

  #updatesAs(place: { operation: UpdateOperation; i: number }, target: PutTarget): Settled {
    this.updates.add(place, target.id, () => this.#linked(place.operation));
    return { does: 'put', ...target };
  }

  async #updateMatch(operation: UpdateOperation, criteria: Criteria, i: number): Promise<Settled> {
    const one = await this.#theOne(operation, criteria, { toWrite: true });
    const givenId = operation.resource.value.id;
    if (one === undefined) {
      if (operation.expectedVersion) throw nothingToMatch(operation);
      const id = givenId ?? randomUUID();
      this.updates.creates({ operation, i }, id, criteria.search);
      return this.#updatesAs({ operation, i }, { id, expectedVersion: 0, onMismatch: 'conflict' });
    }
    const target =
      typeof one === 'string' ? { id: one, onMismatch: 'again' as const } : found(operation, one);
    if (givenId !== undefined && givenId !== target.id) throw otherId(operation);
    return this.#updatesAs({ operation, i }, target);
  }

  async #patchMatch(operation: PatchOperation, criteria: Criteria): Promise<Settled> {
    const stored = await this.#theOne(operation, criteria, { toWrite: true });
    const one = stored ?? this.updates.matching(criteria.search)[0];
    if (one === undefined) throw nothingToPatch(operation);
    if (typeof one === 'string') return { does: 'patch', id: one, onMismatch: 'again' };
    return { does: 'patch', ...found(operation, one) };
  }

  /** The match of criteria: one that is stored, or the id of one that this transaction creates. */
  async #theOne(
    operation: TransactionOperation,
    criteria: Criteria,
    wanted: Omit<WantedMatches, 'limit'>,
  ): Promise<CriteriaMatch | string | undefined> {
    const created = this.#parts.own.matching(criteria.search);
    const stored = await this.#stored(criteria, { ...wanted, limit: AMBIGUOUS });
    if (created.length + stored.length > 1) throw ambiguous(operation);
    return stored[0] ?? created[0];
  }

  /** Of what may create something where nothing is found, and of what there may be one of only. */
  #lockedCriteria(operation: TransactionOperation): LockedCriteria[] {
    if (operation.kind !== 'create' && operation.kind !== 'update') return [];
    const { value } = operation.resource;
    const studies = lockedStudies(this.#parts.search, value);
    const criteria = criteriaOf(operation);
    if (criteria === undefined) return studies;
    const [identifiers, unsettled] = [identifierValues(value), this.#placeholders.in(criteria)];
    return [{ ...criteria.search, identifiers, unsettled }, ...studies];
  }

  /** Stored matches that this transaction does not delete. */
  async #stored(criteria: Criteria, wanted: WantedMatches): Promise<CriteriaMatch[]> {
    const { type } = criteria.search;
    const more = this.#deletedOfType.get(type) ?? 0;
    const limit = wanted.limit + more;
    const matches = await this.#parts.view!.matches(lookedFor(criteria), { ...wanted, limit });
    return matches.filter(({ id }) => !this.#deleted.has(`${type}/${id}`));
  }
}

/** The order in which operations take effect. */
const ORDER: Readonly<Record<TransactionOperation['kind'], number>> = {
  delete: 0,
  create: 1,
  update: 2,
  patch: 3,
  read: 4,
};

const NO_CRITERIA = { pairs: [] };

function criteriaOf(operation: TransactionOperation): Criteria | undefined {
  if (operation.kind === 'create') return operation.ifNoneExist;
  return operation.kind === 'read' ? undefined : operation.criteria;
}

/** Of what the search parameter `identifier` finds. */
function identifierValues({ identifier, masterIdentifier }: Resource): string[] {
  return [identifier, masterIdentifier].flat().flatMap((one: unknown) => {
    const value = (one as { value?: unknown } | null | undefined)?.value;
    return typeof value === 'string' ? [value] : [];
  });
}

type Targeting = UpdateOperation | PatchOperation | DeleteOperation;

function named({ expectedVersion }: Targeting, id: string): PutTarget {
  return { id, onMismatch: 'refuse', ...(expectedVersion === undefined ? {} : { expectedVersion }) };
}

/** @throws FhirError `precondition-failed` when the client expects another version */
function found(operation: Targeting, { id, version }: CriteriaMatch): PutTarget {
  const { expectedVersion } = operation;
  if (expectedVersion !== undefined && !meets(expectedVersion, version))
    throw mismatch(operation, version, expectedVersion);
  return { id, expectedVersion: version, onMismatch: 'again' };
}
