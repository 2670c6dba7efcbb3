import { branchesOf, type PathBranch } from '../../fhir/path/branches.ts';
import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { pathStart, resolvePath } from '../../fhir/path/resolvePath.ts';
import { compositeContexts, type CompositeContext } from './compositePlan.ts';
import type { KeyHasher } from './keys.ts';
import { MAIN_DATE } from './mainDate.ts';
import { MAIN_QUANTITY } from './mainQuantity.ts';
import { ORDERED_PARAMETERS } from './orderedParameters.ts';
import type { Slot, SlotKind } from './slot.ts';
import { UNINDEXED_PARAMETERS } from './unindexed.ts';

/** A parameter's slot; with `target`, only references to that type count. */
export interface ParameterSlot {
  slot: Slot;
  target?: string;
}

export interface ParameterPlan {
  definition: SearchParameterDefinition;
  slots: ParameterSlot[];
  /** Composites: each place where the parts stand together. */
  contexts: CompositeContext[];
}

/** What is indexed of one resource type. */
export interface TypePlan {
  resourceType: string;
  slots: readonly Slot[];
  parameters: ReadonlyMap<string, ParameterPlan>;
  /** Composites that need rows, without duplicates. */
  contexts: readonly CompositeContext[];
}

/** Plans the index of a resource type from all its search parameters. */
export function planType(
  definitions: Definitions,
  hasher: KeyHasher,
  resourceType: string,
  searchParameters = definitions.searchParameters(resourceType),
): TypePlan {
  const slots = new Map<string, Slot>();
  const mainDate = mainDatePaths(definitions, resourceType);
  const parameters = new Map<string, ParameterPlan>();
  const contexts = new Map<string, CompositeContext>();

  for (const definition of searchParameters) {
    if (definition.expression === undefined || definition.code in UNINDEXED_PARAMETERS) continue;
    const plan: ParameterPlan = { definition, slots: [], contexts: [] };
    if (definition.type === 'composite') {
      plan.contexts = compositeContexts(definitions, hasher, resourceType, definition, (kind, branches) =>
        slotsFor(kind, branches, definition),
      );
      for (const context of plan.contexts) if (context.rows) contexts.set(context.text, context);
    } else plan.slots = parameterSlots(definition);
    parameters.set(definition.code, plan);
  }

  for (const code of ORDERED_PARAMETERS[resourceType] ?? []) {
    mark(parameters.get(code), (slot) => (slot.ordered = true));
  }
  mark(parameters.get(MAIN_QUANTITY[resourceType] ?? ''), (slot) => (slot.mainQuantity = true));
  mark(patientParameter(parameters), (slot) => (slot.patient = true));
  return { resourceType, slots: [...slots.values()], parameters, contexts: [...contexts.values()] };

  function parameterSlots(definition: SearchParameterDefinition): ParameterSlot[] {
    const kind = slotKind(definition);
    const branches = branchesOf(definition.expression ?? '', resourceType, definitions);
    const own = slotsFor(kind, branches, definition);
    return branches.map(({ target }, i) => {
      const slot = own[i]!;
      if (target === undefined) return { slot };
      slot.restrictedTo.add(target);
      return { slot, target };
    });
  }

  function slotsFor(
    kind: SlotKind,
    branches: readonly PathBranch[],
    { added }: SearchParameterDefinition,
  ): Slot[] {
    const isMainDate = kind === 'date' && isSame(mainDate, branches);
    return branches.map((branch) => {
      const id = `${isMainDate ? 'main ' : ''}${kind} ${branch.text}`;
      let slot = slots.get(id);
      if (!slot) slots.set(id, (slot = newSlot(definitions, hasher, kind, branch)));
      slot.mainDate = isMainDate;
      slot.added &&= added !== undefined;
      return slot;
    });
  }
}

/**
 * The paths of a type's main date, whatever parameters are planned for. The date columns hold all of its dates together, so only
 * a parameter of the same paths is answered by them: one of fewer or more has rows of its own.
 */
function mainDatePaths(definitions: Definitions, resourceType: string): ReadonlySet<string> {
  const code = MAIN_DATE[resourceType];
  const main = code === undefined ? undefined : definitions.searchParameter(resourceType, code);
  const branches = main ? branchesOf(main.expression ?? '', resourceType, definitions) : [];
  return new Set(branches.map(({ text }) => text));
}

const isSame = (paths: ReadonlySet<string>, branches: readonly PathBranch[]): boolean =>
  branches.length === paths.size && branches.every(({ text }) => paths.has(text));

function newSlot(definitions: Definitions, hasher: KeyHasher, kind: SlotKind, branch: PathBranch): Slot {
  const start = branch.path && pathStart(definitions, branch.path.root);
  const resolved = start && resolvePath(definitions, start, branch.path!.steps);
  return {
    kind,
    text: branch.text,
    branch,
    resolved,
    path: hasher.pathKey(branch.text),
    derivedPath: hasher.pathKey(`${branch.text}#derived`),
    required: branch.existsUnlessFalse === true || (resolved?.every((path) => path.required) ?? false),
    restrictedTo: new Set(),
    mainDate: false,
    ordered: false,
    mainQuantity: false,
    patient: false,
    added: true,
  };
}

/** `phonetic` is declared as a string, but is found by how it sounds. */
function slotKind(definition: SearchParameterDefinition): SlotKind {
  if (definition.code === 'phonetic' && !definition.added) return 'phonetic';
  return definition.type === 'composite' ? 'special' : definition.type;
}

/** Not one that was added: whose a resource is must not change with it. */
function patientParameter(parameters: ReadonlyMap<string, ParameterPlan>): ParameterPlan | undefined {
  const patient = parameters.get('patient');
  const subject = parameters.get('subject');
  const isPatient = subject?.definition.target?.includes('Patient') ?? false;
  if (patient && !patient.definition.added) return patient;
  return isPatient && !subject?.definition.added ? subject : undefined;
}

function mark(plan: ParameterPlan | undefined, set: (slot: Slot) => void): void {
  for (const { slot } of plan?.slots ?? []) set(slot);
}
