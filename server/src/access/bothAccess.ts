import type { Resource } from '../fhir/resource.ts';
import type { Condition } from '../fhir/search/ast.ts';
import type { Access, AccessInteraction, CheckedWrite, HiddenParameter, Reach } from './access.ts';
import { withoutElements } from './elements/withoutElements.ts';
import type { Fault } from './faults.ts';
import { allOf } from './reach.ts';

/** What two may do both: of who acts for another, and of that other. */
export class BothAccess implements Access {
  readonly #one: Access;
  readonly #other: Access;
  readonly #reaches = new Map<string, Reach>();
  readonly #contexts = new Map<AccessInteraction, Access>();

  constructor(one: Access, other: Access) {
    this.#one = one;
    this.#other = other;
  }

  condition(type: string, interaction: AccessInteraction): Reach {
    const key = `${type} ${interaction}`;
    let reach = this.#reaches.get(key);
    if (reach === undefined) {
      const both = [this.#one, this.#other].map((access) => access.condition(type, interaction));
      reach = allOf(both);
      this.#reaches.set(key, reach);
    }
    return reach;
  }

  allows(type: string, interaction: AccessInteraction, resource: Resource): boolean | undefined {
    return this.#both((access) => access.allows(type, interaction, resource));
  }

  allowsText(type: string, interaction: AccessInteraction, content: string): boolean | undefined {
    return this.#both((access) => access.allowsText(type, interaction, content));
  }

  hidden(type: string, interaction?: AccessInteraction): readonly string[] {
    return union(this.#one.hidden(type, interaction), this.#other.hidden(type, interaction));
  }

  hiddenIn(type: string, resource: Resource, interaction?: AccessInteraction): readonly string[] {
    const [one, other] = [this.#one, this.#other].map((access) =>
      access.hiddenIn(type, resource, interaction),
    );
    return union(one!, other!);
  }

  shown(type: string, resource: Resource, interaction?: AccessInteraction): Resource {
    const hidden = this.hiddenIn(type, resource, interaction).map((path) => path.split('.'));
    return hidden.length === 0 ? resource : (withoutElements(resource, hidden) as Resource);
  }

  hiddenParameter(type: string, condition: Condition): HiddenParameter | undefined {
    return this.#one.hiddenParameter(type, condition) ?? this.#other.hiddenParameter(type, condition);
  }

  readonlyElements(type: string): readonly string[] {
    return union(this.#one.readonlyElements(type), this.#other.readonlyElements(type));
  }

  /** Where both hide the same of what is to be changed, it is refused: neither can put it back for the other. */
  checkWrite(type: string, before: Resource | undefined, after: Resource): CheckedWrite {
    const first = this.#one.checkWrite(type, before, after);
    return first.refused.length > 0 ? first : this.#other.checkWrite(type, before, first.resource);
  }

  violated(type: string, before: Resource | undefined, after: Resource): string[] {
    return [...this.#one.violated(type, before, after), ...this.#other.violated(type, before, after)];
  }

  ofSecurityContexts(interaction: AccessInteraction): Access | undefined {
    let both = this.#contexts.get(interaction);
    if (!both) {
      const [one, other] = [this.#one, this.#other].map((access) => access.ofSecurityContexts(interaction));
      if (!one || !other) return undefined;
      this.#contexts.set(interaction, (both = new BothAccess(one, other)));
    }
    return both;
  }

  get unlimited(): boolean {
    return this.#one.unlimited && this.#other.unlimited;
  }

  get faults(): readonly Fault[] {
    return [...this.#one.faults, ...this.#other.faults];
  }

  #both(ask: (access: Access) => boolean | undefined): boolean | undefined {
    const first = ask(this.#one);
    if (first === false) return false;
    const second = ask(this.#other);
    return second === true ? first : second;
  }
}

const union = (one: readonly string[], other: readonly string[]): string[] => [
  ...new Set([...one, ...other]),
];
