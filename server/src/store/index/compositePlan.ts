import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { branchesOf, type PathBranch } from '../../fhir/path/branches.ts';
import type { SimplePath } from '../../fhir/path/parsePath.ts';
import { pathStart, resolvePath, type ResolvedPath } from '../../fhir/path/resolvePath.ts';
import type { KeyHasher, PathKey } from './keys.ts';
import type { Slot, SlotKind } from './slot.ts';
import { canRead } from './values/canRead.ts';

/** One alternative of a composite's part, e.g. `value.ofType(Quantity)`. */
export interface CompositePath {
  branch: PathBranch;
  /** It starts at the resource (`%resource`), not at the context. */
  fromResource: boolean;
  /** From its start; undefined where a FHIRPath engine must find the values. */
  resolved: ResolvedPath[] | undefined;
}

export interface CompositePart {
  kind: SlotKind;
  paths: CompositePath[];
  /** References: types they may point at. */
  targets: readonly string[];
  /** The part's own slots, for contexts without rows of their own. */
  slots: Slot[];
}

/** A place where the parts of a composite stand together, e.g. `Observation.component`. */
export interface CompositeContext {
  /** Names the context and its parts; composites with the same text share rows. */
  text: string;
  path: PathKey;
  branch: PathBranch;
  resolved: ResolvedPath[] | undefined;
  parts: CompositePart[];
  /**
   * False where the context and each of its parts occur at most once in a resource: then the composite is the
   * conjunction of its parts, which have rows already.
   */
  rows: boolean;
}

/** The slots of all paths of one parameter or part. */
type SlotsFor = (kind: SlotKind, branches: readonly PathBranch[]) => Slot[];

/** The contexts of a composite parameter on a resource type. */
export function compositeContexts(
  definitions: Definitions,
  hasher: KeyHasher,
  resourceType: string,
  parameter: SearchParameterDefinition,
  slotsFor: SlotsFor,
): CompositeContext[] {
  return branchesOf(parameter.expression ?? '', resourceType, definitions).map((branch) => {
    const start = branch.path && pathStart(definitions, branch.path.root);
    const resolved = start && resolvePath(definitions, start, branch.path!.steps);
    const components = parameter.component ?? [];
    const declared = components.map((component) => definitions.searchParameterByUrl(component.definition));
    const parts = components.map((component, i) => {
      const relative = branchesOf(component.expression, resourceType, definitions, branch.text);
      if (relative.length === 0) throw new Error(`No path for a part of ${parameter.url} on ${resourceType}`);
      const paths = relative.map((path) => compositePath(definitions, resourceType, path, resolved));
      const definition = partDefinition([declared[i], ...declared], paths, parameter);
      return { kind: partKind(definition), paths, targets: definition.target ?? [], slots: [] as Slot[] };
    });
    const rows = !occursOnce(resolved) || !parts.every((part) => part.paths.every(isSingle));
    if (!rows) for (const part of parts) part.slots = slotsFor(part.kind, part.paths.map(ofResource));
    const text = `${branch.text}(${parts.map(partText).join(', ')})`;
    return { text, path: hasher.pathKey(text), branch, resolved, parts, rows };

    function ofResource(path: CompositePath): PathBranch {
      const root = path.fromResource ? undefined : branch.path;
      return absolute(path.branch, root, resourceType);
    }
  });
}

function compositePath(
  definitions: Definitions,
  resourceType: string,
  branch: PathBranch,
  context: ResolvedPath[] | undefined,
): CompositePath {
  const fromResource = branch.path?.root === '%resource';
  const start = fromResource ? pathStart(definitions, resourceType) : contextStart(context);
  const resolved = branch.path && start && resolvePath(definitions, start, branch.path.steps);
  return { branch, fromResource, resolved };
}

/** Paths of parts begin anew at the context's element. */
function contextStart(context: ResolvedPath[] | undefined): ResolvedPath | undefined {
  const only = context?.length === 1 ? context[0] : undefined;
  return only && { ...only, hops: [], repeats: false };
}

function occursOnce(paths: ResolvedPath[] | undefined): boolean {
  return paths !== undefined && paths.every((path) => !path.repeats);
}

function isSingle(path: CompositePath): boolean {
  return occursOnce(path.resolved);
}

function partText(part: CompositePart): string {
  return `${part.kind} ${part.paths.map((path) => path.branch.text).join(' | ')}`;
}

/** A part's path as a parameter of its own would have it: from the resource on. */
function absolute(branch: PathBranch, context: SimplePath | undefined, resourceType: string): PathBranch {
  if (!branch.path) return branch;
  const steps = [...(context?.steps ?? []), ...branch.path.steps];
  const root = context?.root ?? resourceType;
  const text = branch.text.replace(/^%resource/, resourceType);
  return { text, path: { root, steps } };
}

/**
 * What a part is compared as: the declared definition, unless it cannot read the elements and another part's can.
 * HL7 has swapped the two of DocumentReference's `relationship`: the code is declared as the reference.
 */
function partDefinition(
  candidates: readonly (SearchParameterDefinition | undefined)[],
  paths: readonly CompositePath[],
  parameter: SearchParameterDefinition,
): SearchParameterDefinition {
  const types = paths.flatMap((path) => path.resolved?.map(({ type }) => type) ?? []);
  const reads = (definition: SearchParameterDefinition | undefined) =>
    definition !== undefined && types.some((type) => canRead(partKind(definition), type));
  const found = types.length === 0 ? candidates[0] : candidates.find(reads);
  if (!found) throw new Error(`A part of ${parameter.url} has no definition that its values fit`);
  return found;
}

function partKind({ type, url }: SearchParameterDefinition): SlotKind {
  if (type === 'composite') throw new Error(`The composite ${url} cannot be a part of another`);
  return type;
}
