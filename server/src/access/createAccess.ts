import { someMembers } from '../fhir/json/members.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Condition } from '../fhir/search/ast.ts';
import type { IndexRows } from '../store/index/rows.ts';
import type { Candidate } from '../store/search/match/candidate.ts';
import type { Access, AccessInteraction, CheckedWrite, HiddenParameter, Reach } from './access.ts';
import type { AccessContext } from './context.ts';
import { deciderOf, type Decider } from './decide.ts';
import { checkWrite } from './elements/checkWrite.ts';
import { distinct, inAll, isWithin, type ElementPath } from './elements/elementPaths.ts';
import { hiddenParameter } from './elements/hiddenParameter.ts';
import { withoutElements } from './elements/withoutElements.ts';
import type { Fault } from './faults.ts';
import type { Grants } from './grants.ts';
import { parametersOf } from './parametersOf.ts';
import { allOf, anyOf } from './reach.ts';
import { RULES_MAX, compilePolicy } from './rules/compilePolicy.ts';
import type { Rule, RuleSource } from './rules/rule.ts';
import { ofPatient } from './rules/compileRule.ts';
import { contextScopeReach, scopeReach, type ScopeReach } from './rules/scopeReach.ts';

/** Which elements rules guard: those that nobody may see, or change. */
type Guarded = 'hidden' | 'readonly';
/** Shown with nothing hidden only: it may tell in words what the elements do. */
const NARRATIVE = 'text';

/** Compiles what one caller may do: once for the same grants, then it is asked any number of times. */
export function createAccess(context: AccessContext, grants: Grants): Access {
  const faults: Fault[] = [];
  const sources: RuleSource[] = [];
  for (const { policy, parameters } of grants.policies) {
    const variables = new Map([...grants.variables, ...parameters]);
    sources.push(...compilePolicy(context, policy, variables, grants.administrator, faults));
  }
  if (sources.length > RULES_MAX) {
    const text = `The policies come to more than ${RULES_MAX} entries: those after it allow nothing.`;
    faults.push({ expression: 'AccessPolicy', text });
    sources.length = RULES_MAX;
  }
  if (grants.administrator) sources.push(administration(context));
  if (grants.emergencies?.length) sources.push(emergency(context, grants.emergencies));
  const scopes = scopeReach(context, grants, faults);
  return new CompiledAccess(
    context,
    sources,
    { scopes, ofContexts: contextScopeReach(context, grants) },
    faults,
  );
}

/** What ProjectMembership.admin opens by itself. */
function administration({ definitions }: AccessContext): RuleSource {
  const everything: Rule = {
    interactions: new Set(INTERACTIONS),
    reach: true,
    createReach: true,
    decide: () => true,
    decideCreate: () => true,
    hidden: [],
    readonly: [],
    constraints: [],
  };
  return { rule: (type) => (definitions.isAdministrative(type) ? everything : undefined) };
}

/** What is open in an emergency: to be read, with nothing hidden. */
function emergency(context: AccessContext, patients: readonly string[]): RuleSource {
  const compartment = context.definitions.compartment('Patient')!;
  return {
    rule: (type) => {
      if (!compartment.resource.has(type)) return undefined;
      const reach = anyOf(patients.map((id) => ofPatient(context, type, id)));
      return {
        interactions: new Set(READING),
        reach,
        createReach: false,
        decide: deciderOf(context.index, type, reach),
        decideCreate: () => false,
        hidden: [],
        readonly: [],
        constraints: [],
      };
    },
  };
}

/** What scopes leave, also of what stands for the security of Binaries. */
interface Scopes {
  scopes: ScopeReach;
  ofContexts: ReturnType<typeof contextScopeReach>;
}

/** What one interaction may touch of a type. */
interface Decided {
  reach: Reach;
  decide: Decider;
  /** Codes of the parameters that decide. */
  parameters: ReadonlySet<string>;
}

const NOTHING: Decided = { reach: false, decide: () => false, parameters: new Set() };

class CompiledAccess implements Access {
  readonly faults: readonly Fault[];
  readonly #context: AccessContext;
  readonly #sources: readonly RuleSource[];
  readonly #scopes: ScopeReach;
  readonly #contextScopes: Scopes['ofContexts'];
  readonly #contexts = new Map<AccessInteraction, Access>();
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #decided = new Map<string, Decided>();
  readonly #hidden = new Map<string, readonly ElementPath[]>();
  readonly #ruleParameters = new Map<string, ReadonlySet<string>>();

  constructor(
    context: AccessContext,
    sources: readonly RuleSource[],
    { scopes, ofContexts }: Scopes,
    faults: readonly Fault[],
  ) {
    this.#context = context;
    this.#sources = sources;
    this.#scopes = scopes;
    this.#contextScopes = ofContexts;
    this.faults = faults;
  }

  condition(type: string, interaction: AccessInteraction): Reach {
    return this.#decision(type, interaction).reach;
  }

  allows(type: string, interaction: AccessInteraction, resource: Resource): boolean | undefined {
    const { reach, decide, parameters } = this.#decision(type, interaction);
    return typeof reach === 'boolean' ? reach : decide(this.#candidate(resource, parameters));
  }

  allowsText(type: string, interaction: AccessInteraction, content: string): boolean | undefined {
    const { reach, decide, parameters } = this.#decision(type, interaction);
    if (typeof reach === 'boolean') return reach;
    const { members } = this.#context.indexer.only(type, parameters);
    const resource = members ? someMembers(content, members) : (JSON.parse(content) as object);
    return decide(this.#candidate(resource as Resource, parameters));
  }

  hidden(type: string, interaction: AccessInteraction = 'read'): readonly string[] {
    return this.#possiblyHidden(type, interaction).map(dotted);
  }

  hiddenIn(type: string, resource: Resource, interaction: AccessInteraction = 'read'): readonly string[] {
    return this.#hiddenIn(type, resource, interaction).map(dotted);
  }

  shown(type: string, resource: Resource, interaction: AccessInteraction = 'read'): Resource {
    const hidden = this.#hiddenIn(type, resource, interaction);
    return hidden.length === 0 ? resource : (withoutElements(resource, hidden) as Resource);
  }

  hiddenParameter(type: string, condition: Condition): HiddenParameter | undefined {
    const hiddenOf = (of: string) => this.#possiblyHidden(of, 'search');
    return hiddenParameter(this.#context.definitions, hiddenOf, type, condition);
  }

  readonlyElements(type: string): readonly string[] {
    return guardedSomewhere(this.#rulesFor(type, 'update'), 'readonly').map(dotted);
  }

  checkWrite(type: string, before: Resource | undefined, after: Resource): CheckedWrite {
    const candidate = this.#lazyCandidate(before ?? after);
    const hidden = guardedIn(this.#rulesFor(type, 'read'), 'hidden', candidate, false);
    const interaction = before ? 'update' : 'create';
    const readonly = guardedIn(this.#rulesFor(type, interaction), 'readonly', candidate, !before);
    return checkWrite(before, after, { hidden, readonly });
  }

  violated(type: string, before: Resource | undefined, after: Resource): string[] {
    const interaction = before ? 'update' : 'create';
    const rules = this.#rulesFor(type, interaction);
    if (rules.every(({ constraints }) => constraints.length === 0)) return [];
    const { allowing, undecided } = sorted(rules, this.#lazyCandidate(after), !before);
    const broken = (rule: Rule) => rule.constraints.filter((one) => !one.holds(before, after));
    const failures = (allowing.length > 0 ? allowing : undecided).map((rule) =>
      broken(rule).map(({ text }) => text),
    );
    // Where it is not known which rule allows the write, it satisfies the constraints of all.
    if (allowing.length > 0 && failures.some((texts) => texts.length === 0)) return [];
    return [...new Set(failures.flat())];
  }

  ofSecurityContexts(interaction: AccessInteraction): Access | undefined {
    let known = this.#contexts.get(interaction);
    if (!known) {
      const named = this.#contextScopes(interaction);
      if (!named) return undefined;
      const scopes: ScopeReach = (type, one) => allOf([this.#scopes(type, one), named(type, one)]);
      const both = { scopes, ofContexts: this.#contextScopes };
      known = new CompiledAccess(this.#context, this.#sources, both, this.faults);
      this.#contexts.set(interaction, known);
    }
    return known;
  }

  get unlimited(): boolean {
    const { definitions } = this.#context;
    return [...definitions.resourceTypes].every((type) => {
      const isOpen = INTERACTIONS.every((interaction) => this.#scopes(type, interaction) === true);
      return isOpen && this.#sources.some((source) => opensAll(source.rule(type)));
    });
  }

  #decision(type: string, interaction: AccessInteraction): Decided {
    if (!this.#context.definitions.isResourceType(type)) return NOTHING;
    const key = `${type}/${interaction}`;
    let known = this.#decided.get(key);
    if (!known) {
      const reaches = this.#rulesFor(type, interaction).map((rule) => reachOf(rule, interaction));
      const reach = allOf([anyOf(reaches), this.#scopes(type, interaction)]);
      const decide = deciderOf(this.#context.index, type, reach);
      this.#decided.set(key, (known = { reach, decide, parameters: parametersOf([reach]) }));
    }
    return known;
  }

  #rulesFor(type: string, interaction: AccessInteraction): readonly Rule[] {
    if (!this.#context.definitions.isResourceType(type)) return [];
    let rules = this.#rules.get(type);
    if (!rules) {
      rules = this.#sources.flatMap((source) => source.rule(type) ?? []);
      this.#rules.set(type, rules);
    }
    return rules.filter((rule) => rule.interactions.has(interaction) && reachOf(rule, interaction) !== false);
  }

  #possiblyHidden(type: string, interaction: AccessInteraction): readonly ElementPath[] {
    const key = `${type}/${interaction}`;
    let hidden = this.#hidden.get(key);
    if (!hidden) {
      hidden = this.#withNarrative(type, guardedSomewhere(this.#rulesFor(type, interaction), 'hidden'));
      if (this.#context.definitions.isResourceType(type)) this.#hidden.set(key, hidden);
    }
    return hidden;
  }

  #hiddenIn(type: string, resource: Resource, interaction: AccessInteraction): readonly ElementPath[] {
    if (this.#possiblyHidden(type, interaction).length === 0) return [];
    const rules = this.#rulesFor(type, interaction);
    return this.#withNarrative(type, guardedIn(rules, 'hidden', this.#lazyCandidate(resource), false));
  }

  #withNarrative(type: string, hidden: readonly ElementPath[]): readonly ElementPath[] {
    const elements = this.#context.definitions.type(type)?.elements ?? [];
    if (hidden.length === 0 || !elements.some(({ name }) => name === NARRATIVE)) return hidden;
    return distinct([...hidden, [NARRATIVE]]);
  }

  /** @param parameters what its rows are asked for */
  #candidate(resource: Resource, parameters: ReadonlySet<string>): Candidate {
    const { id, resourceType } = resource;
    const { indexer } = this.#context;
    let rows: IndexRows | undefined;
    return {
      id,
      isContained: false,
      resource,
      get rows() {
        return (rows ??= indexer.only(resourceType, parameters).index(resource));
      },
    };
  }

  /** For any of the rules of its type. */
  #lazyCandidate(resource: Resource): () => Candidate {
    let candidate: Candidate | undefined;
    return () => (candidate ??= this.#candidate(resource, this.#parametersOfRules(resource.resourceType)));
  }

  #parametersOfRules(type: string): ReadonlySet<string> {
    let parameters = this.#ruleParameters.get(type);
    if (!parameters) {
      const rules = this.#sources.flatMap((source) => source.rule(type) ?? []);
      parameters = parametersOf(rules.flatMap(({ reach, createReach }) => [reach, createReach]));
      this.#ruleParameters.set(type, parameters);
    }
    return parameters;
  }
}

const READING: readonly AccessInteraction[] = ['read', 'vread', 'history', 'search'];
const INTERACTIONS: readonly AccessInteraction[] = [
  'create',
  'read',
  'vread',
  'history',
  'update',
  'delete',
  'search',
];

const opensAll = (rule: Rule | undefined): boolean =>
  rule !== undefined &&
  rule.reach === true &&
  rule.createReach === true &&
  INTERACTIONS.every((interaction) => rule.interactions.has(interaction)) &&
  [rule.hidden, rule.readonly, rule.constraints].every(({ length }) => length === 0);

const dotted = (path: ElementPath) => path.join('.');

const reachOf = (rule: Rule, interaction: AccessInteraction): Reach =>
  interaction === 'create' ? rule.createReach : rule.reach;

/** Rules by whether they allow a resource. */
function sorted(rules: readonly Rule[], candidate: () => Candidate, isCreate: boolean) {
  const allowing: Rule[] = [];
  const undecided: Rule[] = [];
  for (const rule of rules) {
    const reach = isCreate ? rule.createReach : rule.reach;
    const decide = isCreate ? rule.decideCreate : rule.decide;
    const decision = typeof reach === 'boolean' ? reach : decide(candidate());
    if (decision === undefined) undecided.push(rule);
    else if (decision) allowing.push(rule);
  }
  return { allowing, undecided };
}

/** Elements that some rule guards, and that no rule about all resources leaves open. */
function guardedSomewhere(rules: readonly Rule[], what: Guarded): readonly ElementPath[] {
  const some = distinct(rules.flatMap((rule) => rule[what]));
  if (some.length === 0) return some;
  const general = rules.filter(({ reach }) => reach === true).map((rule) => rule[what]);
  return some.filter((path) => general.every((paths) => paths.some((other) => isWithin(path, other))));
}

/**
 * Elements guarded in one resource: what every rule guards that allows it. Where none is known to, what one
 * of them guards that might, or of all.
 */
function guardedIn(
  rules: readonly Rule[],
  what: Guarded,
  candidate: () => Candidate,
  isCreate: boolean,
): readonly ElementPath[] {
  if (rules.every((rule) => rule[what].length === 0)) return [];
  const { allowing, undecided } = sorted(rules, candidate, isCreate);
  if (allowing.length > 0) return inAll(allowing.map((rule) => rule[what]));
  const possible = undecided.length > 0 ? undecided : rules;
  return distinct(possible.flatMap((rule) => rule[what]));
}
