import type { Definitions } from '../definitions/types.ts';
import { parseSimplePaths, type PathStep, type SimplePath } from './parsePath.ts';
import { splitUnion } from './splitUnion.ts';

/** One member of the union that a search parameter's expression is, as it applies to one resource type. */
export interface PathBranch {
  /** FHIRPath in a normal form; two branches with the same text select the same elements. */
  text: string;
  /** What generated code walks; absent where the text must be run by a FHIRPath engine. */
  path?: SimplePath;
  /** True when the branch is the boolean `path.exists() and path != false`. */
  existsUnlessFalse?: boolean;
  /** From `where(resolve() is Type)`: only references to this type count. Not part of the text. */
  target?: string;
}

/**
 * The branches of a search parameter's expression that apply to a resource type.
 *
 * @param context start of paths that name none: a type name, or the text of a longer path
 */
export function branchesOf(
  expression: string,
  resourceType: string,
  definitions: Definitions,
  context = resourceType,
): PathBranch[] {
  const isType = (name: string) => definitions.type(name) !== undefined;
  // A path starts at a resource or a data type; `code` is an element, although a primitive has that name, too.
  const isRoot = (name: string) => /^[A-Z]/.test(name) && isType(name);
  return splitUnion(expression).flatMap((text) => {
    const paths = parseSimplePaths(text, isRoot);
    if (!paths) return appliesTo(text, resourceType, definitions) ? [unparsed(text, isRoot)] : [];
    return paths.filter((path) => startsAt(path, resourceType, definitions)).map((path) => parsed(path));
  });

  function parsed(path: SimplePath): PathBranch {
    const steps = path.steps
      .filter((step) => step.kind !== 'resolvesTo')
      .map((step) => (step.kind === 'ofType' ? { ...step, type: fhirTypeName(step.type, isType) } : step));
    const root = path.root === '' ? context : path.root;
    const branch: PathBranch = { text: root + steps.map(stepText).join(''), path: { root, steps } };
    const target = path.steps.find((step) => step.kind === 'resolvesTo')?.type;
    if (target !== undefined) branch.target = target;
    return branch;
  }
}

/** The one computed boolean of R4's parameters (`Patient.deceased`): common enough not to start an engine for. */
const EXISTS_UNLESS_FALSE = /^([\w.]+)\.exists\(\) and \1 != false$/;

function unparsed(text: string, isRoot: (name: string) => boolean): PathBranch {
  const subject = EXISTS_UNLESS_FALSE.exec(text)?.[1];
  const path = subject === undefined ? undefined : parseSimplePaths(subject, isRoot)?.[0];
  return path ? { text, path, existsUnlessFalse: true } : { text };
}

function startsAt(path: SimplePath, resourceType: string, definitions: Definitions): boolean {
  return path.root === '' || path.root === '%resource' || isAncestor(path.root, resourceType, definitions);
}

/** Whether an expression that could not be read is about the type: it names it, or no resource type at all. */
function appliesTo(text: string, resourceType: string, definitions: Definitions): boolean {
  const roots = [...text.matchAll(/(?<![\w.'])[A-Z]\w*(?=\.)/g)].map(([name]) => name);
  return roots.length === 0 || roots.some((root) => isAncestor(root, resourceType, definitions));
}

function isAncestor(name: string, type: string, definitions: Definitions): boolean {
  for (let t = definitions.type(type); t; t = t.base ? definitions.type(t.base) : undefined) {
    if (t.name === name) return true;
  }
  return false;
}

/** `DateTime`, as some of HL7's expressions have it, is FHIR's `dateTime`. */
function fhirTypeName(name: string, isType: (name: string) => boolean): string {
  return isType(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

function stepText(step: PathStep): string {
  if (step.kind === 'element') return `.${step.name}`;
  if (step.kind === 'ofType') return `.ofType(${step.type})`;
  if (step.kind === 'item') return `[${step.index}]`;
  return step.kind === 'where' ? `.where(${step.element}='${step.equals}')` : '';
}
