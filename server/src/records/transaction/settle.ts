import { randomUUID } from 'node:crypto';
import { fhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import type {
  CriteriaMatch,
  LockedCriteria,
  TransactionView,
  WantedMatches,
} from '../../store/conditional/transactionView.ts';
import type { Criteria } from './criteria.ts';
import { refuseOverlaps } from './overlaps.ts';
import type { PutTarget, Settled } from './settled.ts';
import {
  expressionOf,
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
  /** Resources that one conditional delete may delete. */
  deletionsMax: number;
}

/** More than one match is one too many. */
const AMBIGUOUS = 2;

/**
 * Finds out which resource each operation means, in the order in which they take effect: delete, create, update and patch
 * (http://hl7.org/fhir/R4/http.html#trules). A later one sees what the earlier ones will have done.
 *
 * @throws FhirError `precondition-failed` where criteria fit several, and where identities overlap
 */
export async function settle(
  parts: SettlingParts,
  operations: readonly TransactionOperation[],
): Promise<Settled[]> {
  const settling = new Settling(parts, operations);
  await settling.run();
  return settling.settled;
}

class Settling {
  readonly settled: Settled[] = [];
  readonly #parts: SettlingParts;
  readonly #operations: readonly TransactionOperation[];
  /** `Type/id` of what is deleted, with the number of them by type. */
  readonly #deleted = new Set<string>();
  readonly #deletedOfType = new Map<string, number>();
  /** `Type/id` of what is created -> its operation. */
  readonly #created = new Map<string, number>();

  constructor(parts: SettlingParts, operations: readonly TransactionOperation[]) {
    this.#parts = parts;
    this.#operations = operations;
  }

  async run(): Promise<void> {
    await this.#parts.view?.lock(this.#operations.flatMap(lockedCriteria));
    await this.#each('delete', (operation) => this.#delete(operation));
    await this.#each('create', (operation, i) => this.#create(operation, i));
    await this.#each('update', (operation) => this.#update(operation));
    await this.#each('patch', (operation) => this.#patch(operation));
    await this.#each('read', ({ id }) => ({ does: 'read', id }));
    refuseOverlaps(this.#operations, this.settled);
  }

  async #each<K extends TransactionOperation['kind']>(
    kind: K,
    settleOne: (
      operation: Extract<TransactionOperation, { kind: K }>,
      i: number,
    ) => Settled | Promise<Settled>,
  ): Promise<void> {
    for (const [i, operation] of this.#operations.entries()) {
      if (operation.kind !== kind) continue;
      const done = settleOne(operation as Extract<TransactionOperation, { kind: K }>, i);
      this.settled[i] = done instanceof Promise ? await done : done;
    }
  }

  #delete(operation: DeleteOperation): Settled | Promise<Settled> {
    const { criteria } = operation;
    if (criteria !== undefined) return this.#deleteMatches(operation, criteria);
    this.#deletes(operation.type, operation.id);
    return { does: 'delete', targets: [named(operation, operation.id)] };
  }

  async #deleteMatches(operation: DeleteOperation, criteria: Criteria): Promise<Settled> {
    const { deletionsMax } = this.#parts;
    const matches = await this.#stored(criteria, { limit: deletionsMax + 1, toWrite: true });
    if (matches.length > deletionsMax) throw tooMany(operation, deletionsMax);
    for (const { id } of matches) this.#deletes(operation.type, id);
    return { does: 'delete', targets: matches.map((match) => found(operation, match)) };
  }

  #deletes(type: string, id: string): void {
    this.#deleted.add(`${type}/${id}`);
    this.#deletedOfType.set(type, (this.#deletedOfType.get(type) ?? 0) + 1);
  }

  #create(operation: CreateOperation, i: number): Settled | Promise<Settled> {
    return operation.ifNoneExist === undefined
      ? this.#creates(operation, i)
      : this.#createUnlessFound(operation, operation.ifNoneExist, i);
  }

  async #createUnlessFound(operation: CreateOperation, criteria: Criteria, i: number): Promise<Settled> {
    const one = await this.#theOne(operation, criteria, { withContent: true });
    if (one === undefined) return this.#creates(operation, i);
    if (typeof one !== 'string') return { does: 'keep', match: one };
    return { does: 'share', id: one, with: this.#created.get(`${operation.type}/${one}`)! };
  }

  #creates({ type, resource }: CreateOperation, i: number): Settled {
    const id = randomUUID();
    this.#created.set(`${type}/${id}`, i);
    this.#parts.own.add(id, resource.value);
    return { does: 'create', id };
  }

  #update(operation: UpdateOperation): Settled | Promise<Settled> {
    const { criteria } = operation;
    if (criteria !== undefined) return this.#updateMatch(operation, criteria);
    return { does: 'put', ...named(operation, operation.id) };
  }

  async #updateMatch(operation: UpdateOperation, criteria: Criteria): Promise<Settled> {
    const one = await this.#theOne(operation, criteria, { toWrite: true });
    const givenId = operation.resource.value.id;
    if (one === undefined) {
      if (operation.expectedVersion) throw mismatch(operation, undefined);
      return { does: 'put', id: givenId ?? randomUUID(), expectedVersion: 0, onMismatch: 'conflict' };
    }
    const target =
      typeof one === 'string' ? { id: one, onMismatch: 'again' as const } : found(operation, one);
    if (givenId !== undefined && givenId !== target.id) throw otherId(operation);
    return { does: 'put', ...target };
  }

  #patch(operation: PatchOperation): Settled | Promise<Settled> {
    const { criteria } = operation;
    if (criteria !== undefined) return this.#patchMatch(operation, criteria);
    return { does: 'patch', ...named(operation, operation.id) };
  }

  async #patchMatch(operation: PatchOperation, criteria: Criteria): Promise<Settled> {
    const one = await this.#theOne(operation, criteria, { toWrite: true });
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

  /** Stored matches that this transaction does not delete. */
  async #stored(criteria: Criteria, wanted: WantedMatches): Promise<CriteriaMatch[]> {
    const { type } = criteria.search;
    const more = this.#deletedOfType.get(type) ?? 0;
    const limit = wanted.limit + more;
    const matches = await this.#parts.view!.matches(criteria.search, { ...wanted, limit });
    return matches.filter(({ id }) => !this.#deleted.has(`${type}/${id}`));
  }
}

function lockedCriteria(operation: TransactionOperation): LockedCriteria[] {
  const criteria =
    operation.kind === 'create'
      ? operation.ifNoneExist
      : operation.kind === 'update'
        ? operation.criteria
        : undefined;
  if (criteria === undefined) return [];
  const { value } = (operation as CreateOperation | UpdateOperation).resource;
  return [{ ...criteria.search, identifiers: identifierValues(value) }];
}

function identifierValues({ identifier }: Resource): string[] {
  const all = Array.isArray(identifier) ? identifier : [identifier];
  return all.flatMap((one: { value?: unknown } | null | undefined) =>
    typeof one?.value === 'string' ? [one.value] : [],
  );
}

type Targeting = UpdateOperation | PatchOperation | DeleteOperation;

function named({ expectedVersion }: Targeting, id: string): PutTarget {
  return { id, onMismatch: 'refuse', ...(expectedVersion === undefined ? {} : { expectedVersion }) };
}

/** @throws FhirError `precondition-failed` when the client expects another version */
function found(operation: Targeting, { id, version }: CriteriaMatch): PutTarget {
  const { expectedVersion } = operation;
  if (expectedVersion !== undefined && expectedVersion !== version) throw mismatch(operation, version);
  return { id, expectedVersion: version, onMismatch: 'again' };
}

const criteriaOf = (operation: TransactionOperation) =>
  expressionOf(operation, operation.kind === 'create' ? 'request.ifNoneExist' : 'request.url');

const ambiguous = (operation: TransactionOperation) =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    'Several resources satisfy the criteria: give criteria that only one can satisfy, such as an identifier with its system.',
    criteriaOf(operation),
  );

const tooMany = (operation: TransactionOperation, max: number) =>
  fhirError(
    'precondition-failed',
    'multiple-matches',
    max === 1
      ? 'Several resources satisfy the criteria, and this server deletes one at a time: give criteria that only one can satisfy.'
      : `More than ${max} resources satisfy the criteria: delete them in smaller parts.`,
    criteriaOf(operation),
  );

const mismatch = (operation: TransactionOperation, version: number | undefined) =>
  fhirError(
    'precondition-failed',
    'conflict',
    version === undefined
      ? 'No resource satisfies the criteria, so that there is no version to match.'
      : `The resource that satisfies the criteria is at version ${version}: read it again and repeat the change on that version.`,
    expressionOf(operation, 'request.ifMatch'),
  );

const otherId = (operation: TransactionOperation) =>
  fhirError(
    'incorrect',
    'invalid',
    'The resource that satisfies the criteria has another id than the resource sent: leave the id out, or correct it.',
    operation.at === undefined ? `${operation.type}.id` : expressionOf(operation, 'resource.id'),
  );

const nothingToPatch = (operation: TransactionOperation) =>
  fhirError(
    'not-found',
    'not-found',
    'No resource satisfies the criteria: there is nothing to patch.',
    criteriaOf(operation),
  );
