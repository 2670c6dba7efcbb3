import type { Hop } from './resolvePath.ts';

/** Called with every element that a path selects. */
export type Visit<S> = (value: unknown, sink: S) => void;

/** Walks a resource (or a part of one), calling the visits of all paths in document order of their properties. */
export type Walk<S> = (root: unknown, sink: S) => void;

export interface WalkPath<S> {
  hops: readonly Hop[];
  visit: Visit<S>;
}

interface Node {
  below: Map<string, { hop: Hop; node: Node }>;
  visits: number[];
}

/**
 * Generates one function that walks plain JSON along all the paths at once, so that what they share is read once.
 * It takes any JSON: where the shape is not the defined one, nothing is visited there. Nulls are never visited.
 */
export function compileWalk<S>(paths: readonly WalkPath<S>[]): Walk<S> {
  const top: Node = { below: new Map(), visits: [] };
  paths.forEach((path, index) => insert(top, path.hops).visits.push(index));
  const visits = paths.map((path) => path.visit);
  const body = [
    '"use strict";',
    ...visits.map((_, index) => `const visit${index} = visits[${index}];`),
    'return function walk(value0, sink) {',
    'if (value0 === undefined || value0 === null) return;',
    ...new WalkWriter().node(top, 'value0'),
    '};',
  ].join('\n');
  // Made from FHIR's definitions only: names and literals enter as JSON strings, never as code.
  return new Function('visits', body)(visits) as Walk<S>;
}

function insert(top: Node, hops: readonly Hop[]): Node {
  let node = top;
  for (const hop of hops) {
    const key = JSON.stringify(hop);
    let entry = node.below.get(key);
    if (!entry) node.below.set(key, (entry = { hop, node: { below: new Map(), visits: [] } }));
    node = entry.node;
  }
  return node;
}

class WalkWriter {
  private names = 0;

  node(node: Node, value: string): string[] {
    const lines = node.visits.map((index) => `visit${index}(${value}, sink);`);
    for (const { hop, node: below } of node.below.values()) {
      if (hop.kind === 'property') lines.push(...this.property(hop.name, hop.repeats, below, value));
      else if (hop.kind === 'where') {
        lines.push(`if (${value}[${JSON.stringify(hop.element)}] === ${JSON.stringify(hop.equals)}) {`);
        lines.push(...this.node(below, value), '}');
      }
    }
    return lines;
  }

  private property(name: string, repeats: boolean, node: Node, owner: string): string[] {
    const value = this.name();
    const lines = [`const ${value} = ${owner}[${JSON.stringify(name)}];`];
    lines.push(`if (${value} !== undefined && ${value} !== null) {`);
    for (const { hop, node: below } of node.below.values()) {
      if (hop.kind === 'item') lines.push(...this.item(hop.index, below, value));
    }
    if (!repeats) lines.push(...this.node(node, value));
    else {
      const item = this.name();
      lines.push(`for (const ${item} of Array.isArray(${value}) ? ${value} : [${value}]) {`);
      lines.push(`if (${item} !== null) {`, ...this.node(node, item), '}', '}');
    }
    return [...lines, '}'];
  }

  private item(index: number, node: Node, array: string): string[] {
    const item = this.name();
    return [
      `const ${item} = Array.isArray(${array}) ? ${array}[${index}] : undefined;`,
      `if (${item} !== undefined && ${item} !== null) {`,
      ...this.node(node, item),
      '}',
    ];
  }

  private name(): string {
    return `value${++this.names}`;
  }
}
