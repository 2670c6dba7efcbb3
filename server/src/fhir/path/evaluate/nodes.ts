import type { JsonObject } from '../../resource.ts';
import type { Shape } from './shape.ts';

/**
 * An element of a resource, or a value that an expression has made. The value of an element is its JSON; that of one of
 * FHIRPath's own types a boolean, string, number (Integer), or a Decimal, Temporal or Quantity.
 */
export class Node {
  readonly value: unknown;
  readonly shape: Shape;
  /** The id and extensions of a primitive. */
  readonly companion: unknown;
  /** What it stands in, and where: undefined for what no element has, and for that which evaluation began with. */
  readonly parent: Node | undefined;
  readonly property: string;
  /** Place in the array, where it stands in one; else -1. */
  readonly index: number;

  constructor(
    value: unknown,
    shape: Shape,
    companion: unknown = undefined,
    parent: Node | undefined = undefined,
    property = '',
    index = -1,
  ) {
    this.value = value;
    this.shape = shape;
    this.companion = companion;
    this.parent = parent;
    this.property = property;
    this.index = index;
  }
}

export type Nodes = readonly Node[];

/** The empty collection. */
export const NONE: Nodes = Object.freeze([]);

/** The JSON object that the children of an element stand in. */
export function objectOf(node: Node): JsonObject | undefined {
  const object = node.shape.isPrimitive ? node.companion : node.value;
  return isObject(object) ? object : undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
