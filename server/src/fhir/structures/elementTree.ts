import type { StructureElement } from './structure.ts';

/** An element of a profile with what stands below it and with its slices. */
export interface ElementNode {
  /** Last step of the path; a choice keeps its `[x]`. */
  name: string;
  /** What the definition says; of a place that a differential only passes through, nothing but its path. */
  element: StructureElement;
  children: ElementNode[];
  slices: ElementNode[];
}

/**
 * The elements of a snapshot or differential as a tree. Ids say where an element belongs (http://hl7.org/fhir/R4/elementdefinition.html#id);
 * where there are none, the order does.
 *
 * @returns undefined when there is no element
 */
export function elementTree(elements: readonly StructureElement[]): ElementNode | undefined {
  const [first] = elements;
  if (first === undefined) return undefined;
  const root = node(first.path.split('.')[0]!, { path: first.path.split('.')[0]! });
  const ids = new Map<string, string>();
  for (const element of elements) {
    const steps = stepsOf(element, ids);
    let at = root;
    let path = root.name;
    for (const step of steps.slice(1)) {
      path += `.${step.name}`;
      at = found(at.children, step.name, path);
      for (const slice of step.slices) at = foundSlice(at, slice);
    }
    const { sliceName = at.element.sliceName } = element;
    at.element = { ...element, path, ...(sliceName === undefined ? {} : { sliceName }) };
  }
  return root;
}

/** The elements of a tree in the order of a snapshot, with their ids: what is below an element comes before its slices. */
export function flatten(root: ElementNode): StructureElement[] {
  const elements: StructureElement[] = [];
  const add = (at: ElementNode, path: string, id: string): void => {
    elements.push({ ...at.element, id, path });
    for (const child of at.children) add(child, `${path}.${child.name}`, `${id}.${child.name}`);
    for (const slice of at.slices) add(slice, path, `${withoutSlice(id)}:${slice.element.sliceName ?? ''}`);
  };
  add(root, root.name, root.name);
  return elements;
}

export const node = (name: string, element: StructureElement): ElementNode => ({
  name,
  element,
  children: [],
  slices: [],
});

/** A copy that shares nothing that is changed later: definitions themselves are never changed in place. */
export function cloned({ name, element, children, slices }: ElementNode): ElementNode {
  return { name, element, children: children.map(cloned), slices: slices.map(cloned) };
}

/** `a/b` is a reslice of `a` (http://hl7.org/fhir/R4/profiling.html#reslicing). */
export function foundSlice(at: ElementNode, sliceName: string): ElementNode {
  let owner = at;
  for (let end = sliceName.indexOf('/'); end > 0; end = sliceName.indexOf('/', end + 1)) {
    const outer = owner.slices.find(({ element }) => element.sliceName === sliceName.slice(0, end));
    if (outer === undefined) break;
    owner = outer;
  }
  const known = owner.slices.find(({ element }) => element.sliceName === sliceName);
  if (known) return known;
  const slice = node(at.name, { path: at.element.path, sliceName });
  owner.slices.push(slice);
  return slice;
}

function found(children: ElementNode[], name: string, path: string): ElementNode {
  const known = children.find((child) => child.name === name);
  if (known) return known;
  const child = node(name, { path });
  children.push(child);
  return child;
}

interface Step {
  name: string;
  slices: string[];
}

/** `Patient.extension:race.url`: each step, with the slice that is meant. */
function stepsOf(element: StructureElement, ids: Map<string, string>): Step[] {
  const depth = element.path.split('.').length;
  const given = element.id?.split('.').map(parseStep);
  if (given?.length === depth && (element.sliceName === undefined || given.at(-1)!.slices.length > 0))
    return given;
  const parent = element.path.slice(0, Math.max(0, element.path.lastIndexOf('.')));
  const own = element.path.slice(parent.length).replace(/^\./, '');
  const before = ids.get(parent) ?? parent;
  const id = `${before}${before === '' ? '' : '.'}${own}${element.sliceName === undefined ? '' : `:${element.sliceName}`}`;
  for (const path of ids.keys()) if (path.startsWith(`${element.path}.`)) ids.delete(path);
  ids.set(element.path, id);
  return id.split('.').map(parseStep);
}

function parseStep(text: string): Step {
  const [name = '', ...slices] = text.split(':');
  return { name, slices: slices.length === 0 ? [] : [slices.join(':')] };
}

const withoutSlice = (id: string): string => {
  const step = id.lastIndexOf('.') + 1;
  const colon = id.indexOf(':', step);
  return colon < 0 ? id : id.slice(0, colon);
};
