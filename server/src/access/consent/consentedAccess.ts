import type { Resource } from '../../fhir/resource.ts';
import type { Condition } from '../../fhir/search/ast.ts';
import { MAIN_DATE } from '../../store/index/mainDate.ts';
import type { IndexRows } from '../../store/index/rows.ts';
import type { Access, AccessInteraction, CheckedWrite, HiddenParameter, Reach } from '../access.ts';
import type { AccessContext } from '../context.ts';
import { deciderOf, type Decider } from '../decide.ts';
import type { Fault } from '../faults.ts';
import { parametersOf } from '../parametersOf.ts';
import { ofPatient } from '../rules/compileRule.ts';
import type { Doing } from './vocabulary.ts';
import type { Withheld } from './withheld.ts';

const DOING: Readonly<Record<AccessInteraction, Doing>> = {
  read: 'read',
  vread: 'read',
  history: 'read',
  search: 'read',
  create: 'create',
  update: 'change',
  delete: 'change',
};

type OwnCompartment = Extract<Condition, { kind: 'compartment' }>;

/** What consents leave of a type for an interaction. */
interface Left {
  reach: Reach;
  /** As far as consents decide. */
  decide: Decider;
  parameters: ReadonlySet<string>;
}

/** What a caller's policies and scopes allow, without what patients withhold. */
export class ConsentedAccess implements Access {
  readonly #base: Access;
  readonly #context: AccessContext;
  readonly #withheld: Withheld;
  readonly #exempt: readonly string[];
  readonly #left = new Map<string, Left>();
  readonly #contexts = new Map<AccessInteraction, Access>();

  /** @param exempt ids of patients whose resources nothing is withheld of: the caller's own record, and those opened in an emergency */
  constructor(base: Access, context: AccessContext, withheld: Withheld, exempt: readonly string[]) {
    this.#base = base;
    this.#context = context;
    this.#withheld = withheld;
    this.#exempt = exempt;
  }

  condition(type: string, interaction: AccessInteraction): Reach {
    return this.#leftOf(type, interaction).reach;
  }

  allows(type: string, interaction: AccessInteraction, resource: Resource): boolean | undefined {
    const base = this.#base.allows(type, interaction, resource);
    if (base === false) return false;
    const { decide, parameters } = this.#leftOf(type, interaction);
    const { indexer } = this.#context;
    let rows: IndexRows | undefined;
    const left = decide({
      id: resource.id,
      isContained: false,
      resource,
      get rows() {
        return (rows ??= indexer.only(type, parameters).index(resource));
      },
    });
    return left === true ? base : left;
  }

  allowsText(type: string, interaction: AccessInteraction, content: string): boolean | undefined {
    const base = this.#base.allowsText(type, interaction, content);
    if (base === false) return false;
    if (this.#leftOf(type, interaction).reach === this.#base.condition(type, interaction)) return base;
    return this.allows(type, interaction, JSON.parse(content) as Resource);
  }

  hidden(type: string, interaction?: AccessInteraction): readonly string[] {
    return this.#base.hidden(type, interaction);
  }

  hiddenIn(type: string, resource: Resource, interaction?: AccessInteraction): readonly string[] {
    return this.#base.hiddenIn(type, resource, interaction);
  }

  shown(type: string, resource: Resource, interaction?: AccessInteraction): Resource {
    return this.#base.shown(type, resource, interaction);
  }

  hiddenParameter(type: string, condition: Condition): HiddenParameter | undefined {
    return this.#base.hiddenParameter(type, condition);
  }

  readonlyElements(type: string): readonly string[] {
    return this.#base.readonlyElements(type);
  }

  checkWrite(type: string, before: Resource | undefined, after: Resource): CheckedWrite {
    return this.#base.checkWrite(type, before, after);
  }

  violated(type: string, before: Resource | undefined, after: Resource): string[] {
    return this.#base.violated(type, before, after);
  }

  ofSecurityContexts(interaction: AccessInteraction): Access | undefined {
    let consented = this.#contexts.get(interaction);
    if (!consented) {
      const base = this.#base.ofSecurityContexts(interaction);
      if (!base) return undefined;
      consented = new ConsentedAccess(base, this.#context, this.#withheld, this.#exempt);
      this.#contexts.set(interaction, consented);
    }
    return consented;
  }

  get unlimited(): boolean {
    return false;
  }

  get faults(): readonly Fault[] {
    return this.#base.faults;
  }

  #leftOf(type: string, interaction: AccessInteraction): Left {
    const key = `${type}/${interaction}`;
    let left = this.#left.get(key);
    if (!left) this.#left.set(key, (left = this.#find(type, interaction)));
    return left;
  }

  #find(type: string, interaction: AccessInteraction): Left {
    const base = this.#base.condition(type, interaction);
    const withheld = base === false ? false : this.#withheld.reach(type, DOING[interaction]);
    if (typeof withheld === 'boolean' || this.#isExempt(type, base))
      return { reach: base, decide: () => true, parameters: new Set() };
    const permitted: Condition = { kind: 'not', condition: withheld };
    const exempt = this.#exempt.map((id) => ofPatient(this.#context, type, id) as Condition);
    const left: Condition =
      exempt.length === 0 ? permitted : { kind: 'or', conditions: [...exempt, permitted] };
    const reach: Condition =
      typeof base === 'boolean'
        ? left
        : { kind: 'and', conditions: [...(base.kind === 'and' ? base.conditions : [base]), left] };
    const decide = deciderOf(this.#context.index, type, left);
    // A patient may withhold what is from some time.
    const parameters = new Set([...parametersOf([left]), ...(MAIN_DATE[type] ? [MAIN_DATE[type]] : [])]);
    return { reach, decide, parameters };
  }

  /** Whether policies and scopes open nothing but what is exempt: then what others withhold need not be looked at. */
  #isExempt(type: string, base: Reach): boolean {
    if (typeof base === 'boolean') return false;
    const parts = base.kind === 'and' ? base.conditions : [base];
    return this.#exempt.some((id) => {
      const own = ofPatient(this.#context, type, id) as OwnCompartment;
      return parts.some((part) => isWithin(part, type, own));
    });
  }
}

/** Whether all that satisfies a condition on the type is in a patient's compartment. */
function isWithin(condition: Condition, type: string, own: OwnCompartment): boolean {
  switch (condition.kind) {
    case 'compartment':
      return condition.type === own.type && condition.id === own.id;
    case 'id':
      return type === own.type && condition.ids.every((id) => id === own.id);
    case 'reference': {
      const { parameter, references } = condition;
      const isOfCompartment = own.parameters.some(({ code }) => code === parameter.code);
      return isOfCompartment && references.every(({ value }) => value === `${own.type}/${own.id}`);
    }
    case 'or':
      return condition.conditions.every((one) => isWithin(one, type, own));
    case 'and':
      return condition.conditions.some((one) => isWithin(one, type, own));
    default:
      return false;
  }
}
