import { compileWalk, type WalkPath } from '../../../fhir/path/compileWalk.ts';
import { createPathEngine, type PathEngine } from '../../../fhir/path/engine.ts';
import type { Definitions, SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import { engineText } from '../../index/extractor.ts';
import { addFirst } from '../../index/members.ts';
import type { ParameterSlot } from '../../index/plan.ts';
import type { IndexQuery } from '../../index/query.ts';
import { asText } from '../../index/values/json.ts';
import { referenceReader } from '../../index/values/reference.ts';
import { localReference, type FoundReference } from './localReference.ts';

/** Finds what a resource (plain JSON) refers to by the parameters that were asked for. */
export type ReferenceWalk = (resource: unknown) => FoundReference[];

/** The walk along one parameter, or along several. */
export interface ParameterWalk {
  walk: ReferenceWalk;
  /** Elements of the resource that it looks at; undefined: it may look at all. */
  members: ReadonlySet<string> | undefined;
}

/** Along all reference parameters of a type. */
interface AllWalk extends ParameterWalk {
  parameters: readonly unknown[];
  haveCanonicals: boolean;
}

/**
 * Compiles walks along reference parameters, by the paths by which the index reads them
 * (http://hl7.org/fhir/R4/search.html#revinclude). What is contained, logical references and addresses elsewhere
 * lead nowhere here.
 */
export class ReferenceWalks {
  readonly #definitions: Definitions;
  readonly #index: IndexQuery;
  readonly #walks = new WeakMap<SearchParameterDefinition, Map<string, ParameterWalk>>();
  readonly #allWalks = new Map<string, AllWalk>();
  #engine: PathEngine | undefined;

  constructor(definitions: Definitions, index: IndexQuery) {
    this.#definitions = definitions;
    this.#index = index;
  }

  /** The reference parameters of a type that lead somewhere. */
  parameters(type: string): SearchParameterDefinition[] {
    return this.#definitions
      .searchParameters(type)
      .filter((one) => one.type === 'reference' && this.#index.plan(type, one) !== undefined);
  }

  /** The walk along a parameter of a type; without one, along all of them. */
  of(type: string, parameter?: SearchParameterDefinition): ReferenceWalk {
    return this.along(type, parameter).walk;
  }

  /** The walk along a parameter of a type, or along all of them, and what of the resource it needs. */
  along(type: string, parameter?: SearchParameterDefinition): ParameterWalk {
    if (parameter === undefined) return this.#alongAll(type);
    let byType = this.#walks.get(parameter);
    if (!byType) this.#walks.set(parameter, (byType = new Map()));
    let found = byType.get(type);
    if (!found) {
      const slots = this.#index.plan(type, parameter)?.slots ?? [];
      byType.set(type, (found = { walk: this.#compile(type, [parameter]), members: membersOf(slots) }));
    }
    return found;
  }

  /** Whether a type refers to others by anything else than references. */
  haveCanonicals(type: string): boolean {
    return this.#alongAll(type).haveCanonicals;
  }

  /** Types that a canonical of the parameter may name: those that have a url. */
  canonicalTypes(parameter: SearchParameterDefinition, restrictedTo?: string): string[] {
    const anything = parameter.target === undefined || parameter.target.includes('Resource');
    const types = restrictedTo === undefined ? parameter.target : [restrictedTo];
    return (anything && restrictedTo === undefined ? [...this.#definitions.resourceTypes] : types!).filter(
      (type) => this.#definitions.searchParameter(type, 'url')?.type === 'uri',
    );
  }

  #alongAll(type: string): AllWalk {
    const parameters = this.#definitions.searchParameters(type);
    let all = this.#allWalks.get(type);
    // Parameters that are added while the server runs come as a new list.
    if (all?.parameters !== parameters) {
      const followed = this.parameters(type);
      const slots = followed.flatMap((one) => this.#index.plan(type, one)?.slots ?? []);
      const isReference = ({ slot }: ParameterSlot) =>
        slot.resolved?.every((path) => path.type === 'Reference');
      const haveCanonicals = !slots.every((slot) => isReference(slot) ?? false);
      all = { parameters, walk: this.#compile(type, followed), members: membersOf(slots), haveCanonicals };
      this.#allWalks.set(type, all);
    }
    return all;
  }

  #compile(type: string, parameters: readonly SearchParameterDefinition[]): ReferenceWalk {
    const paths: WalkPath<FoundReference[]>[] = [];
    const others: ReferenceWalk[] = [];
    for (const parameter of parameters) {
      for (const slot of this.#index.plan(type, parameter)?.slots ?? []) {
        if (slot.slot.resolved) paths.push(...this.#walkPaths(parameter, slot));
        else others.push(this.#interpreted(type, parameter, slot));
      }
    }
    const walk = compileWalk(paths);
    return (resource) => {
      const found: FoundReference[] = [];
      walk(resource, found);
      for (const other of others) found.push(...other(resource));
      return found;
    };
  }

  #walkPaths(parameter: SearchParameterDefinition, one: ParameterSlot): WalkPath<FoundReference[]>[] {
    return one.slot.resolved!.flatMap(({ hops, type }) => {
      const visit = this.#visit(parameter, one.target, type);
      return visit ? [{ hops, visit }] : [];
    });
  }

  /** A path that only the FHIRPath engine can run; none of R4's own reference parameters has one. */
  #interpreted(type: string, parameter: SearchParameterDefinition, one: ParameterSlot): ReferenceWalk {
    const program = (this.#engine ??= createPathEngine()).compile(engineText(type, one.slot.branch));
    return (resource) => {
      const found: FoundReference[] = [];
      for (const value of program(resource))
        this.#visit(parameter, one.target, value.type)?.(value.value, found);
      return found;
    };
  }

  #visit(parameter: SearchParameterDefinition, target: string | undefined, type: string) {
    // A resource that stands in place of a reference is there already.
    const read = type === 'Resource' ? undefined : referenceReader(type, this.#index.ownBase);
    if (!read) return undefined;
    const isCanonical = type !== 'Reference';
    const types = isCanonical ? this.canonicalTypes(parameter, target) : [];
    return (value: unknown, found: FoundReference[]) => {
      const texts = read(value)?.texts;
      const text = texts?.at(-1);
      if (texts === undefined || text === undefined) return;
      const localOf = (one: string) => localReference(this.#definitions, this.#index.ownBase, one);
      // As it is written it names the version, which the last one leaves out.
      const local = localOf(texts[0]!) ?? (texts.length > 1 ? localOf(text) : undefined);
      if (local) {
        const { type } = local;
        // Some expressions select more than their parameter is for: DeviceUseStatement's `patient` also groups.
        if (target === undefined ? mayReferTo(parameter, type) : target === type) found.push(local);
      } else if (isCanonical && types.length > 0) found.push(canonical(text, asText(value)!, types));
    };
  }
}

function membersOf(slots: readonly ParameterSlot[]): ReadonlySet<string> | undefined {
  const members = new Set<string>();
  const areKnown = slots.every(({ slot }) => slot.resolved !== undefined && addFirst(slot.resolved, members));
  return areKnown ? members : undefined;
}

/** Whether a reference parameter is for references to a type. */
export function mayReferTo({ target }: SearchParameterDefinition, type: string): boolean {
  return target === undefined || target.includes(type) || target.includes('Resource');
}

function canonical(url: string, written: string, types: readonly string[]): FoundReference {
  const version = /\|([^#]+)/.exec(written)?.[1];
  return version === undefined
    ? { kind: 'canonical', url, types }
    : { kind: 'canonical', url, version, types };
}
