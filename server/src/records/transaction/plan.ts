import type { Definitions } from '../../fhir/definitions/types.ts';
import type { Links, ReplaceLink } from '../../fhir/links/links.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { OwnResources } from '../../store/conditional/ownResources.ts';
import type { TransactionView } from '../../store/conditional/transactionView.ts';
import type { OrderNumbers } from '../../store/orders/orderNumbers.ts';
import type { ExpectedVersion, Write } from '../../store/resource/types.ts';
import { prepareCreate, preparePutUnder, type IncomingResource, type PrepareParts } from '../prepare.ts';
import type { TransactionGate } from '../gate/transactionGate.ts';
import type { RecordSearch } from '../search.ts';
import { findReferences, type Asker } from './conditionalReferences.ts';
import { searchUrl } from './criteria.ts';
import { requireKnown } from './knownPlaceholders.ts';
import { applyPatches, type Patched, type PatchingParts } from './patching.ts';
import {
  conditionalReferences,
  fullUrlOf,
  linkReplacer,
  linkTarget,
  NO_REFERENCES,
  type FoundReferences,
  type LinkTarget,
  type LinkTargets,
} from './references.ts';
import { allowedWrites } from './allowedWrites.ts';
import { numberOrders } from './numberOrders.ts';
import { settle } from './settle.ts';
import { rewrittenIds, targetId, type PutTarget, type Settled } from './settled.ts';
import { requireOwnStudies } from './studyClaims.ts';
import type { TransactionOperation } from './types.ts';

/** A write, with the operation that it belongs to. */
export interface PlannedWrite {
  operation: number;
  write: Write;
  /** Of writes that may find another version than expected. */
  target?: PutTarget;
}

/** What a transaction will do. */
export interface TransactionPlan {
  settled: readonly Settled[];
  patched: ReadonlyMap<number, Patched>;
  writes: readonly PlannedWrite[];
}

export interface PlanParts {
  prepare: PrepareParts;
  definitions: Definitions;
  links: Links;
  search: RecordSearch;
  /** Absent: the caller has no limits. */
  gate?: TransactionGate | undefined;
  own: OwnResources;
  updated: OwnResources;
  /** Absolute URL of this server's FHIR base. */
  ownBase: string | undefined;
  deletionsMax: number;
  /** Absent: no operation is about an order that may have numbers. */
  orderNumbers?: OrderNumbers;
  refuseRawBinary: PatchingParts['refuseRawBinary'];
}

/**
 * Settles what a transaction will do. Changes neither the operations nor the store.
 *
 * @param view absent: nothing of the operations depends on what is stored
 * @throws FhirError for what cannot be done, OvertakenError when others were in the way
 */
export async function planTransaction(
  parts: PlanParts,
  operations: readonly TransactionOperation[],
  view: TransactionView | undefined,
): Promise<TransactionPlan> {
  const { settled: wished, updates } = await settle({ ...parts, view }, operations);
  const patched = view
    ? await applyPatches({ ...parts, view }, operations, wished)
    : new Map<number, Patched>();
  const resources = operations.map((operation, i) => writtenResource(operation, wished[i]!, patched.get(i)));
  const targets = linkTargets(operations, wished, patched);
  for (const i of patched.keys()) {
    const { value } = resources[i] ?? {};
    const replace = linkReplacer(targets, NO_REFERENCES, fullUrlOf(operations[i]!));
    if (value)
      updates.add({ operation: operations[i]!, i }, value.id!, () => parts.links.replaced(value, replace));
  }
  updates.refuseSame(); // only now: a patch, too, may make what an update creates
  const found = view
    ? await referencesOf(parts, view, { operations, settled: wished, resources, targets })
    : NO_REFERENCES;
  const linked = operations.map((operation, i) => {
    const replace = requireKnown(operation, linkReplacer(targets, found, fullUrlOf(operation)));
    return resources[i] && withLinks(parts.links, resources[i], replace);
  });
  const allowed =
    parts.gate && view
      ? await allowedWrites(parts.gate, view, { operations, settled: wished, resources: linked })
      : { settled: wished, resources: linked };
  const { settled } = allowed;
  if (view) await requireOwnStudies({ ...parts, view }, { operations, ...allowed });
  await view?.endSearches();
  const numbered = parts.orderNumbers
    ? await numberOrders(parts.orderNumbers, { operations, ...allowed })
    : allowed.resources;
  const writes = operations.flatMap((operation, i) =>
    plannedWrites(parts.prepare, operation, settled[i]!, patched.get(i), numbered[i]).map((planned) => ({
      operation: i,
      ...planned,
    })),
  );
  return { settled, patched, writes };
}

/** The resource that an operation writes, before its links are settled. */
function writtenResource(
  operation: TransactionOperation,
  { does }: Settled,
  patched: Patched | undefined,
): IncomingResource | undefined {
  if (does === 'patch') return patched?.resource;
  return (does === 'create' || does === 'put') && 'resource' in operation ? operation.resource : undefined;
}

function linkTargets(
  operations: readonly TransactionOperation[],
  settled: readonly Settled[],
  patched: ReadonlyMap<number, Patched>,
): LinkTargets {
  const targets = new Map<string, LinkTarget>();
  operations.forEach((operation, i) => {
    const fullUrl = fullUrlOf(operation);
    const id = targetId(settled[i]!);
    if (fullUrl === undefined || id === undefined) return;
    const version = versionAfter(settled[i]!, patched.get(i));
    targets.set(fullUrl, { ...linkTarget(operation, id), ...(version === undefined ? {} : { version }) });
  });
  return targets;
}

/** The version that an operation makes or keeps, as far as it is known before it is written. */
function versionAfter(settled: Settled, patched: Patched | undefined): number | undefined {
  if (settled.does === 'create' || settled.does === 'share') return 1;
  if (settled.does === 'keep') return settled.match.version;
  if (patched) return patched.resource ? patched.version + 1 : patched.current.version;
  const expected = settled.does === 'put' ? settled.expectedVersion : undefined;
  return typeof expected === 'number' && expected > 0 ? expected + 1 : undefined;
}

interface Written {
  operations: readonly TransactionOperation[];
  settled: readonly Settled[];
  resources: readonly (IncomingResource | undefined)[];
  targets: LinkTargets;
}

async function referencesOf(
  parts: PlanParts,
  view: TransactionView,
  { operations, settled, resources, targets }: Written,
): Promise<FoundReferences> {
  const asked = new Map<string, Asker>();
  resources.forEach((resource, i) => {
    if (!resource) return;
    for (const reference of conditionalReferences(parts.links, parts.definitions, resource.value)) {
      const isOurs = searchUrl(parts.definitions, reference, parts.ownBase) !== undefined;
      if (isOurs && !asked.has(reference))
        asked.set(reference, { operation: operations[i]!, resource: resource.value });
    }
  });
  if (asked.size === 0) return NO_REFERENCES;
  const rewritten = new Map<string, Set<string>>();
  settled.forEach((one, i) => {
    const { type } = operations[i]!;
    for (const id of rewrittenIds(one)) {
      const ids = rewritten.get(type);
      if (ids) ids.add(id);
      else rewritten.set(type, new Set([id]));
      const resource = resources[i];
      const replace = linkReplacer(targets, NO_REFERENCES, fullUrlOf(operations[i]!));
      if (resource) parts.own.add(type, id, () => parts.links.replaced(resource.value, replace));
    }
  });
  return findReferences({ ...parts, view, rewritten }, asked);
}

function withLinks(links: Links, { value, exact }: IncomingResource, replace: ReplaceLink): IncomingResource {
  const replaced = links.replaced<Resource>(value, replace);
  return {
    value: replaced,
    exact: exact === value ? replaced : links.replaced<Resource>(exact, replace),
  };
}

function plannedWrites(
  prepare: PrepareParts,
  { type }: TransactionOperation,
  settled: Settled,
  patched: Patched | undefined,
  resource: IncomingResource | undefined,
): Omit<PlannedWrite, 'operation'>[] {
  if (settled.does === 'delete') {
    return settled.targets.map((target) => ({
      write: { method: 'D', type, id: target.id, ...expectation(target.expectedVersion) },
      target,
    }));
  }
  if (!resource) return [];
  if (settled.does === 'create') return [{ write: prepareCreate(prepare, resource, settled.id) }];
  if (settled.does === 'put') {
    const { id, expectedVersion } = settled;
    return [{ write: preparePutUnder(prepare, resource, id, expectedVersion), target: settled }];
  }
  if (settled.does !== 'patch' || !patched?.resource) return [];
  const { id } = settled;
  return [{ write: preparePutUnder(prepare, resource, id, patched.version), target: settled }];
}

const expectation = (expectedVersion: ExpectedVersion | undefined) =>
  expectedVersion === undefined ? {} : { expectedVersion };
