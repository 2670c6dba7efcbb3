import type { Resource } from '../../../src/fhir/resource.ts';
import { elementTree, type ElementNode } from '../../../src/fhir/structures/elementTree.ts';
import type { Structure, StructureElement } from '../../../src/fhir/structures/structure.ts';

/** A change that makes a resource break its profile. */
export interface Mutation {
  kind: 'removed' | 'wrong type' | 'wrong code' | 'broken slice' | 'bad reference';
  /** Path of the element. */
  path: string;
  /** Applies it to a copy of the resource. */
  apply(copy: Resource): void;
}

type Json = Record<string, unknown>;
/** How to get to an object from the resource. */
type Way = (string | number)[];

/** Every change of these kinds that a resource offers. @param structure profile with its snapshot */
export function mutationsOf(
  resource: Resource,
  structure: Structure,
  members: (valueSet: string) => ReadonlySet<string> | undefined,
): Mutation[] {
  const root = elementTree(structure.snapshot ?? []);
  return root ? below(resource, [], root, members) : [];
}

function below(
  resource: Resource,
  way: Way,
  node: ElementNode,
  members: (valueSet: string) => ReadonlySet<string> | undefined,
): Mutation[] {
  const object = at(resource, way);
  if (typeof object !== 'object' || object === null) return [];
  return node.children.flatMap((child) => {
    const stem = child.name.replace('[x]', '');
    const key = Object.keys(object).find((name) =>
      child.name.endsWith('[x]') ? new RegExp(`^${stem}[A-Z]`).test(name) : name === stem,
    );
    if (key === undefined) return [];
    const own = [...way, key];
    const inner = Array.isArray((object as Json)[key]) ? [...own, 0] : own;
    return [
      ...ownMutations(child, key, way, inner, members),
      ...sliceMutations(resource, child, own),
      ...below(resource, inner, child, members),
    ];
  });
}

function ownMutations(
  { element }: ElementNode,
  key: string,
  way: Way,
  inner: Way,
  members: (valueSet: string) => ReadonlySet<string> | undefined,
): Mutation[] {
  const { path, min = 0, type = [], binding } = element;
  const mutations: Mutation[] = [];
  const parent = (copy: Resource): Json => at(copy, way) as Json;
  if (min > 0) mutations.push({ kind: 'removed', path, apply: (copy) => void delete parent(copy)[key] });
  mutations.push({ kind: 'wrong type', path, apply: (copy) => wrongType(parent(copy), key, element) });
  if (type[0]?.code === 'Reference' && type[0].targetProfile && !key.endsWith('Reference')) {
    const apply = (copy: Resource): void => put(copy, inner, { reference: 'Linkage/none' });
    mutations.push({ kind: 'bad reference', path, apply });
  }
  const isBound = binding?.strength === 'required' && binding.valueSet !== undefined;
  if (
    isBound &&
    (members(binding.valueSet!) || binding.valueSet!.startsWith('http://hl7.org/fhir/ValueSet/'))
  ) {
    const code = wrongCode(type[0]?.code);
    if (code !== undefined)
      mutations.push({ kind: 'wrong code', path, apply: (copy) => put(copy, inner, code) });
  }
  return mutations;
}

/** A choice gets a type that the profile does not allow, where there is one; anything else what is no value at all. */
function wrongType(parent: Json, key: string, { path, type = [] }: StructureElement): void {
  const other = [...OTHER_TYPES].find(([code]) => !type.some((allowed) => allowed.code === code));
  if (!path.endsWith('[x]') || other === undefined) {
    parent[key] = { wrong: [true] };
    return;
  }
  const stem = path.slice(path.lastIndexOf('.') + 1, -'[x]'.length);
  delete parent[key];
  parent[stem + other[0].charAt(0).toUpperCase() + other[0].slice(1)] = other[1];
}

const OTHER_TYPES = new Map<string, unknown>([
  ['string', 'none'],
  ['Period', { start: '2020' }],
  ['boolean', true],
]);

function wrongCode(type: string | undefined): unknown {
  const coding = { system: 'http://example.org/none', code: 'none' };
  if (type === 'code') return 'none-such';
  if (type === 'Coding') return coding;
  return type === 'CodeableConcept' ? { coding: [coding] } : undefined;
}

/** Takes away every value of an element that has a slice which must be there, but one that is in no slice. */
function sliceMutations(resource: Resource, { element, slices }: ElementNode, own: Way): Mutation[] {
  const values = at(resource, own);
  if (!Array.isArray(values) || !slices.some(({ element: { min = 0 } }) => min > 0)) return [];
  const { path, type = [] } = element;
  const foreign: Record<string, unknown> = {
    CodeableConcept: { coding: [{ system: 'http://example.org/none', code: 'none' }], text: 'none' },
    Identifier: { system: 'http://example.org/none', value: 'none' },
    BackboneElement: { ...(values[0] as Json), code: { text: 'none' }, type: undefined },
  };
  const value = foreign[type[0]?.code ?? ''];
  if (value === undefined) return [];
  const apply = (copy: Resource): void => put(copy, own, [value]);
  return [{ kind: 'broken slice', path, apply }];
}

function at(resource: Resource, way: Way): unknown {
  return way.reduce<unknown>((value, step) => (value as Json | undefined)?.[step], resource);
}

function put(copy: Resource, way: Way, value: unknown): void {
  const parent = at(copy, way.slice(0, -1)) as Json;
  parent[String(way.at(-1))] = value;
}
