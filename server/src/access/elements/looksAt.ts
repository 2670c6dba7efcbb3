import type { Definitions, SearchParameterDefinition } from '../../fhir/definitions/types.ts';
import { branchesOf, type PathBranch } from '../../fhir/path/branches.ts';
import { pathStart, resolvePath, type Hop } from '../../fhir/path/resolvePath.ts';
import { overlap, type ElementPath } from './elementPaths.ts';

/**
 * Whether a search parameter of a type reads one of the elements, or one that they stand in. Where its expression does not
 * tell what it reads, it is taken to read them.
 */
export function looksAt(
  definitions: Definitions,
  type: string,
  parameter: SearchParameterDefinition,
  elements: readonly ElementPath[],
): boolean {
  if (elements.length === 0) return false;
  const read = pathsRead(definitions, type, parameter);
  return read === undefined || read.some((path) => elements.some((element) => overlap(path, element)));
}

/** Undefined where that cannot be told. */
function pathsRead(
  definitions: Definitions,
  type: string,
  { expression, component }: SearchParameterDefinition,
): ElementPath[] | undefined {
  if (expression === undefined) return undefined;
  const branches = branchesOf(expression, type, definitions);
  if (!component) return all(branches.map((branch) => pathsOf(definitions, type, branch)));
  return all(
    component.flatMap((part) =>
      branches.flatMap((base) =>
        branchesOf(part.expression, type, definitions, base.text).map((branch) =>
          base.path && branch.path
            ? pathsOf(definitions, type, {
                text: '',
                path: { root: base.path.root, steps: [...base.path.steps, ...branch.path.steps] },
              })
            : undefined,
        ),
      ),
    ),
  );
}

/** The paths of one branch, and those of what it asks of elements on the way. */
function pathsOf(definitions: Definitions, type: string, { path }: PathBranch): ElementPath[] | undefined {
  const start = pathStart(definitions, type);
  if (!path || !start) return undefined;
  const steps = path.steps.filter(({ kind }) => kind !== 'resolvesTo');
  return resolvePath(definitions, start, steps)?.flatMap(({ hops }) => hopPaths(hops));
}

function hopPaths(hops: readonly Hop[]): ElementPath[] {
  const names: string[] = [];
  const asked: ElementPath[] = [];
  for (const hop of hops) {
    if (hop.kind === 'property') names.push(hop.name);
    if (hop.kind === 'where') asked.push([...names, hop.element]);
  }
  return [...asked, names];
}

function all(paths: readonly (ElementPath[] | undefined)[]): ElementPath[] | undefined {
  return paths.every((some) => some !== undefined) ? paths.flat() : undefined;
}
