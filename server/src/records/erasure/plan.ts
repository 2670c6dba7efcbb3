import { fhirError } from '../../fhir/outcome.ts';

/** Resources that one erasure may erase or change: their names are in memory. */
export const ERASED_RESOURCES_MAX = 1_000_000;

/** A resource that stays without what names the erased. */
export interface KeptResource {
  type: string;
  id: string;
  /** Of what is erased and named in it. */
  names: ReadonlySet<string>;
  /** Whether the current version names it, and not only superseded ones. */
  isNow: boolean;
}

/** What an erasure does: names only, no content. */
export class ErasurePlan {
  /** By type: ids with row ids. */
  readonly erased = new Map<string, Map<string, string>>();
  readonly kept = new Map<string, KeptResource>();
  /** `Type/id` of resources that must not be erased, and of those of several patients that must be named first. */
  readonly held = new Set<string>();
  readonly shared = new Set<string>();
  #size = 0;

  /** @returns whether it is new */
  erase(type: string, id: string, rid: string): boolean {
    let ofType = this.erased.get(type);
    if (!ofType) this.erased.set(type, (ofType = new Map()));
    if (ofType.has(id)) return false;
    ofType.set(id, rid);
    this.kept.delete(`${type}/${id}`);
    this.#count();
    return true;
  }

  keep(type: string, id: string, names: Iterable<string>, isNow: boolean): void {
    const name = `${type}/${id}`;
    const before = this.kept.get(name);
    if (!before) this.#count();
    this.kept.set(name, {
      type,
      id,
      names: new Set([...(before?.names ?? []), ...names]),
      isNow: isNow || (before?.isNow ?? false),
    });
  }

  /** It has changed since it was looked at. */
  forget(type: string, id: string): void {
    const name = `${type}/${id}`;
    this.erased.get(type)?.delete(id);
    this.kept.delete(name);
    this.held.delete(name);
    this.shared.delete(name);
  }

  /** The same, to be changed without this one. */
  copy(): ErasurePlan {
    const other = new ErasurePlan();
    for (const [type, ids] of this.erased) for (const [id, rid] of ids) other.erase(type, id, rid);
    for (const [name, kept] of this.kept) other.kept.set(name, kept);
    for (const name of this.held) other.held.add(name);
    for (const name of this.shared) other.shared.add(name);
    return other;
  }

  /** @param name `Type/id` */
  isErased(name: string): boolean {
    const [type = '', id = ''] = name.split('/');
    return this.erased.get(type)?.has(id) ?? false;
  }

  /** Types of which something is erased, sorted. */
  types(): string[] {
    return [...this.erased.keys()].filter((type) => this.erased.get(type)!.size > 0).sort();
  }

  rids(type: string): string[] {
    return [...(this.erased.get(type)?.values() ?? [])];
  }

  ids(type: string): string[] {
    return [...(this.erased.get(type)?.keys() ?? [])];
  }

  /** `Type/id` of all that is erased, sorted. */
  names(): string[] {
    return [...this.erased].flatMap(([type, ids]) => [...ids.keys()].map((id) => `${type}/${id}`)).sort();
  }

  get isEmpty(): boolean {
    return this.kept.size === 0 && [...this.erased.values()].every((ids) => ids.size === 0);
  }

  #count(): void {
    this.#size += 1;
    if (this.#size <= ERASED_RESOURCES_MAX) return;
    const text = `More than ${ERASED_RESOURCES_MAX} resources have to do with this patient: that is more than one erasure does.`;
    throw fhirError('unprocessable', 'too-costly', text);
  }
}
