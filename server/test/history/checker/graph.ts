/** What comes before what, and why. */
export class Graph {
  readonly #labels: string[] = [];
  readonly #next: { to: number; why: string }[][] = [];

  /** @param label of a node, for people; empty: it is left out where a cycle is told */
  node(label: string): number {
    this.#next.push([]);
    return this.#labels.push(label) - 1;
  }

  edge(from: number, to: number, why: string): void {
    if (from !== to) this.#next[from]!.push({ to, why });
  }

  /** A cycle of each knot, in lines for people. */
  cycles(): string[] {
    return this.#knots().map((knot) => this.#described(this.#shortest(knot)));
  }

  /** Strongly connected components of more than one node (Tarjan's way, without recursion). */
  #knots(): number[][] {
    const knots: number[][] = [];
    const order = new Map<number, number>();
    const low: number[] = [];
    const stack: number[] = [];
    const onStack = new Set<number>();
    for (let root = 0; root < this.#next.length; root++) {
      if (order.has(root)) continue;
      const path: { node: number; edge: number }[] = [];
      const enter = (node: number) => {
        low[node] = order.size;
        order.set(node, order.size);
        stack.push(node);
        onStack.add(node);
        path.push({ node, edge: 0 });
      };
      enter(root);
      while (path.length > 0) {
        const step = path.at(-1)!;
        const { node } = step;
        const next = this.#next[node]![step.edge++]?.to;
        if (next !== undefined) {
          if (!order.has(next)) enter(next);
          else if (onStack.has(next)) low[node] = Math.min(low[node]!, order.get(next)!);
          continue;
        }
        path.pop();
        const parent = path.at(-1)?.node;
        if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
        if (low[node] !== order.get(node)) continue;
        const knot = stack.splice(stack.lastIndexOf(node));
        knot.forEach((one) => onStack.delete(one));
        if (knot.length > 1) knots.push(knot);
      }
    }
    return knots;
  }

  /** The shortest of the cycles through some nodes of a knot. */
  #shortest(knot: readonly number[]): number[] {
    const within = new Set(knot);
    const starts = knot.filter((node) => this.#isTold(node)).slice(0, STARTS_MAX);
    const length = (cycle: readonly number[]) => cycle.filter((node) => this.#isTold(node)).length;
    return starts
      .map((start) => this.#cycleThrough(start, within))
      .reduce((best, cycle) => (length(cycle) < length(best) ? cycle : best));
  }

  /** By few nodes that are told; the others count for nothing. */
  #cycleThrough(start: number, within: ReadonlySet<number>): number[] {
    const from = new Map<number, number>();
    for (let level = [start]; !from.has(start);) {
      const further: number[] = [];
      for (const node of level) {
        for (const { to } of this.#next[node]!) {
          if (!within.has(to) || from.has(to)) continue;
          from.set(to, node);
          (this.#isTold(to) ? further : level).push(to);
        }
      }
      level = further;
    }
    const cycle = [start];
    for (let node = from.get(start)!; node !== start; node = from.get(node)!) cycle.push(node);
    return cycle.reverse();
  }

  #isTold(node: number): boolean {
    return this.#labels[node] !== '';
  }

  #described(cycle: readonly number[]): string {
    const lines = cycle.flatMap((node, i) => {
      const to = cycle[(i + 1) % cycle.length];
      const { why } = this.#next[node]!.find((edge) => edge.to === to)!;
      return this.#isTold(node) ? [`${this.#labels[node]}\n    ${why}`] : [];
    });
    return lines.join('\n  ');
  }
}

/** Nodes of a knot from which a short cycle is looked for. */
const STARTS_MAX = 64;
