/** FHIRPath's own types (http://hl7.org/fhirpath/N1/#type-safety-and-strict-evaluation). */
export type SystemType =
  'Boolean' | 'String' | 'Integer' | 'Decimal' | 'Date' | 'DateTime' | 'Time' | 'Quantity' | 'Type';

/** One JSON property that an element can be written as. */
export interface Member {
  /** FHIRPath's name of the element: of a choice without the type. */
  name: string;
  property: string;
  /** The property of a primitive's id and extensions. */
  companion: string | undefined;
  repeats: boolean;
  shape: Shape;
}

/** A type, with what an element of it can have below it. */
export class Shape {
  readonly namespace: 'FHIR' | 'System';
  readonly name: string;
  /** What a value of it is to operators; undefined for what only has elements. */
  readonly system: SystemType | undefined;
  readonly isPrimitive: boolean;
  /** Any resource may stand here: which one, its JSON tells. */
  readonly isAnyResource: boolean;
  readonly #ancestors: ReadonlySet<string>;
  readonly #makeMembers: () => readonly Member[];
  #byName: ReadonlyMap<string, readonly Member[]> | undefined;
  #byProperty: ReadonlyMap<string, Member> | undefined;

  constructor(
    namespace: 'FHIR' | 'System',
    ancestry: readonly string[],
    kind: { system?: SystemType | undefined; isPrimitive?: boolean; isAnyResource?: boolean },
    makeMembers: () => readonly Member[],
  ) {
    this.namespace = namespace;
    this.name = ancestry[0]!;
    this.system = kind.system;
    this.isPrimitive = kind.isPrimitive ?? false;
    this.isAnyResource = kind.isAnyResource ?? false;
    this.#ancestors = new Set(ancestry);
    this.#makeMembers = makeMembers;
  }

  /** The properties of the element with a name, one for each type of a choice; undefined when there is none. */
  membersNamed(name: string): readonly Member[] | undefined {
    if (!this.#byName) this.#index();
    return this.#byName!.get(name);
  }

  memberAt(property: string): Member | undefined {
    if (!this.#byProperty) this.#index();
    return this.#byProperty!.get(property);
  }

  /** Whether it is a type or comes of it. */
  is(name: string): boolean {
    return this.#ancestors.has(name);
  }

  #index(): void {
    const members = this.#makeMembers();
    this.#byName = Map.groupBy(members, ({ name }) => name);
    this.#byProperty = new Map(members.map((member) => [member.property, member]));
  }
}
