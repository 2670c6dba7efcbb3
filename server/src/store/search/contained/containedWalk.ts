import { setImmediate } from 'node:timers/promises';
import type { FoundResource, PagePosition } from '../found.ts';
import { PARSED_CHARS_MAX } from '../include/gather.ts';
import { tooCostly } from '../tooCostly.ts';
import { WHAT_TO_CHANGE, type Container, type ContainerReader } from './containers.ts';
import { extractor, type Insides, type Opened } from './insides.ts';

/** A match, and where it stands. */
export interface Placed {
  found: FoundResource;
  container: Container;
  inside: number;
}

/** The room that a page has. */
export interface Room {
  matches: number;
  /** Of content; what comes first fits, whatever its size, if nothing else is in the page. */
  bytes: number;
  isEmpty: boolean;
}

export interface WalkOptions {
  /** Whether the containers are returned, each once, or what they contain. */
  returns: 'container' | 'contained';
  /** Leave out containers that match by themselves: the ordinary search has found them. */
  withoutMatches: boolean;
  timeoutMs: number;
}

/** Goes through containers and finds what matches in them, for one search. */
export class ContainedWalk {
  readonly #reader: ContainerReader;
  readonly #insides: Insides;
  readonly #options: WalkOptions;
  readonly #endMs: number;
  #parsedChars = 0;
  /** How many containers were looked at. */
  containers = 0;

  constructor(reader: ContainerReader, insides: Insides, options: WalkOptions) {
    this.#reader = reader;
    this.#insides = insides;
    this.#options = options;
    this.#endMs = performance.now() + options.timeoutMs;
  }

  /** What was looked at, for those who want to know. */
  get looked(): { containers: number; contained: number } {
    return { containers: this.containers, contained: this.#insides.compared };
  }

  /** The matches after a position (before it, and in that order, where it looks backwards) for which there is room. */
  async take(room: Room, from: PagePosition | undefined): Promise<{ placed: Placed[]; isCut: boolean }> {
    const placed: Placed[] = [];
    let { bytes } = room;
    for await (const [container, places] of this.#matches(from)) {
      if (placed.length === room.matches) return { placed, isCut: true };
      const foundAt = this.#finder(container);
      for (const inside of places) {
        if (placed.length === room.matches) return { placed, isCut: true };
        const found = foundAt(inside);
        bytes -= Buffer.byteLength(found.content!);
        if (bytes < 0 && !(room.isEmpty && placed.length === 0)) return { placed, isCut: true };
        placed.push({ found, container, inside });
      }
    }
    return { placed, isCut: false };
  }

  /** The number of all matches. */
  async count(): Promise<number> {
    let count = 0;
    for await (const [, places] of this.#matches(undefined)) count += places.length;
    return count;
  }

  async *#matches(from: PagePosition | undefined): AsyncGenerator<[Container, number[]]> {
    for await (const container of this.#reader.read(from)) {
      this.containers++;
      await this.#parsed(container.content.length);
      const found = await this.#places(this.#insides.open(container));
      const places = found.filter((inside) => isBeyond(container, inside, from));
      if (places.length > 0) yield [container, from?.backwards ? places.reverse() : places];
    }
  }

  async #places(opened: Opened): Promise<number[]> {
    const places = await this.#insides.matching(opened, () => this.#turn());
    if (this.#options.returns === 'contained') return places;
    const isFound = this.#options.withoutMatches && places.length > 0 && this.#insides.isMatch(opened);
    return places.length > 0 && !isFound ? [0] : [];
  }

  #finder(container: Container): (inside: number) => FoundResource {
    if (this.#options.returns === 'contained') return extractor(container);
    const { rid: _rid, ...found } = container;
    return () => found;
  }

  async #parsed(chars: number): Promise<void> {
    if ((this.#parsedChars += chars) < PARSED_CHARS_MAX) return this.#requireTime();
    this.#parsedChars = 0;
    await this.#turn();
  }

  /** Lets others have their turn. */
  async #turn(): Promise<void> {
    await setImmediate();
    this.#requireTime();
  }

  /** @throws FhirError `busy` when it has taken too long */
  #requireTime(): void {
    if (performance.now() > this.#endMs) throw tooCostly(WHAT_TO_CHANGE);
  }
}

/** Containers come from that of the position on; in it, places beyond the position's count. */
function isBeyond({ type, rid }: Container, inside: number, from: PagePosition | undefined): boolean {
  if (from?.type !== type || from.rid !== rid) return true;
  if (inside === from.inside) return from.inclusive ?? false;
  return inside < from.inside! === from.backwards;
}
