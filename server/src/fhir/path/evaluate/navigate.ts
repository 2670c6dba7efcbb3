import { NONE, Node, objectOf, type Nodes } from './nodes.ts';
import { ofItems, truthOf, type Operation } from './operation.ts';
import type { Run } from './run.ts';
import type { Member, Shape } from './shape.ts';
import type { Shapes } from './shapes.ts';

/** The children of a node that have a name, in order. */
export function addChildren(node: Node, name: string, shapes: Shapes, out: Node[]): void {
  const members = node.shape.membersNamed(name);
  if (members !== undefined) addMembers(node, members, shapes, out);
}

function addMembers(node: Node, members: readonly Member[], shapes: Shapes, out: Node[]): void {
  const object = objectOf(node);
  if (object === undefined) return;
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    const value = object[member.property];
    const companion = member.companion === undefined ? undefined : object[member.companion];
    if (value !== undefined || companion !== undefined)
      addPresent(node, member, value, companion, shapes, out);
  }
}

function addPresent(
  parent: Node,
  member: Member,
  value: unknown,
  companion: unknown,
  shapes: Shapes,
  out: Node[],
): void {
  const { property } = member;
  if (!Array.isArray(value) && !Array.isArray(companion)) {
    if (isThere(value) || isThere(companion)) {
      out.push(new Node(value ?? undefined, shapes.of(member.shape, value), companion, parent, property));
    }
    return;
  }
  const values: unknown[] = Array.isArray(value) ? value : [];
  const companions: unknown[] = Array.isArray(companion) ? companion : [];
  const count = Math.max(values.length, companions.length);
  for (let i = 0; i < count; i++) {
    const item = values[i];
    const other = companions[i] ?? undefined;
    if (isThere(item) || isThere(other)) {
      out.push(new Node(item ?? undefined, shapes.of(member.shape, item), other, parent, property, i));
    }
  }
}

/** All children of a node, in the order of its JSON. */
export function addAllChildren(node: Node, shapes: Shapes, out: Node[]): void {
  const object = objectOf(node);
  if (object === undefined) return;
  for (const property in object) {
    const isCompanion = property.startsWith('_');
    const own = isCompanion ? property.slice(1) : property;
    if (isCompanion && object[own] !== undefined) continue;
    const member = node.shape.memberAt(own);
    if (member === undefined) continue;
    const companion = member.companion === undefined ? undefined : object[member.companion];
    addPresent(node, member, object[own], companion, shapes, out);
  }
}

const isThere = (value: unknown) => value !== undefined && value !== null;

/** `input.name`. */
export function memberOperation(input: Operation, name: string, shapes: Shapes): Operation {
  const items = (focus: Node, run: Run): Nodes => {
    const from = input.items(focus, run);
    if (from.length === 0) return NONE;
    const out: Node[] = [];
    for (let i = 0; i < from.length; i++) addChildren(from[i]!, name, shapes, out);
    run.spend(from.length + out.length);
    return out;
  };
  return ofItems(items, shapesBelow(input.shapes, name), input.ordered);
}

/** A name right below the focus, whose type is known: nothing is made where only its presence is asked for. */
export function ownMemberOperation(name: string, shape: Shape, shapes: Shapes): Operation {
  const members = shape.membersNamed(name) ?? [];
  const items = (focus: Node, run: Run): Nodes => {
    const out: Node[] = [];
    if (focus.shape === shape) addMembers(focus, members, shapes, out);
    else addChildren(focus, name, shapes, out);
    run.spend(1 + out.length);
    return out.length === 0 ? NONE : out;
  };
  const exists = (focus: Node, run: Run): boolean => {
    if (focus.shape !== shape) return items(focus, run).length > 0;
    run.spend(1);
    const object = objectOf(focus);
    return object !== undefined && members.some((member) => isPresent(object, member));
  };
  const truth = (focus: Node, run: Run) => (exists(focus, run) ? truthOf(items(focus, run)) : undefined);
  return { items, exists, truth, shapes: shapesBelow([shape], name), ordered: true };
}

function isPresent(object: Record<string, unknown>, { property, companion }: Member): boolean {
  return hasItem(object[property]) || (companion !== undefined && hasItem(object[companion]));
}

function hasItem(value: unknown): boolean {
  if (!Array.isArray(value)) return isThere(value);
  return value.length > 0 && value.some(isThere);
}

/** The types below others by a name; undefined where any resource may stand. */
function shapesBelow(shapes: readonly Shape[] | undefined, name: string): readonly Shape[] | undefined {
  const below = shapes?.flatMap((shape) => shape.membersNamed(name) ?? []).map(({ shape }) => shape);
  if (!below || shapes!.some(({ isAnyResource }) => isAnyResource)) return undefined;
  return below.some(({ isAnyResource }) => isAnyResource) ? undefined : [...new Set(below)];
}
