import { someMembers } from '../fhir/json/members.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Condition } from '../fhir/search/ast.ts';
import type { IndexRows } from '../store/index/rows.ts';
import type { Candidate } from '../store/search/match/candidate.ts';
import type { Access, AccessInteraction, CheckedWrite, HiddenParameter, Reach } from './access.ts';
import type { AccessContext } from './context.ts';
import { deciderOf, type Decider } from './decide.ts';
import { checkWrite } from './elements/checkWrite.ts';
import { distinct, type ElementPath } from './elements/elementPaths.ts';
import { hiddenParameter } from './elements/hiddenParameter.ts';
import { withoutElements } from './elements/withoutElements.ts';
import type { Fault } from './faults.ts';
import { parametersOf } from './parametersOf.ts';
import { allOf, anyOf } from './reach.ts';
import { Remembered } from './remembered.ts';
import { withRelativeReferences } from './rules/relativeReferences.ts';
import { guardedIn, guardedSomewhere, reachOf, sorted } from './rules/guarded.ts';
import type { Rule, RuleSource } from './rules/rule.ts';
import type { ContextScopeReach, ScopeReach } from './rules/scopeReach.ts';
import { INTERACTIONS, opensAll } from './rules/wholeRules.ts';

/** Shown with nothing hidden only: it may tell in words what the elements do. */
const NARRATIVE = 'text';

/** What scopes leave, also of what stands for the security of Binaries. */
export interface Scopes {
  scopes: ScopeReach;
  ofContexts: ContextScopeReach;
}

/** What one interaction may touch of a type. */
interface Decided {
  reach: Reach;
  decide: Decider;
  /** Codes of the parameters that decide. */
  parameters: ReadonlySet<string>;
}

const NOTHING_HIDDEN: readonly string[] = [];

const NOTHING: Decided = { reach: false, decide: () => false, parameters: new Set() };

/** What one caller may do, of rules and scopes: decided once for each type and interaction, and remembered. */
export class CompiledAccess implements Access {
  readonly faults: readonly Fault[];
  readonly #context: AccessContext;
  readonly #sources: readonly RuleSource[];
  readonly #scopes: ScopeReach;
  readonly #contextScopes: Scopes['ofContexts'];
  readonly #contexts = new Map<AccessInteraction, Access>();
  readonly #rules = new Map<string, readonly Rule[]>();
  readonly #decided = new Remembered<Decided>();
  readonly #hidden = new Remembered<readonly ElementPath[]>();
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
    const hidden = this.#possiblyHidden(type, interaction);
    return hidden.length === 0 ? NOTHING_HIDDEN : hidden.map(dotted);
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
    const { ownBase } = this.#context.index;
    const was = before && withRelativeReferences(before, ownBase);
    const is = withRelativeReferences(after, ownBase);
    const broken = (rule: Rule) => rule.constraints.filter((one) => !one.holds(was, is));
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
    let known = this.#decided.get(type, interaction);
    if (!known) {
      const reaches = this.#rulesFor(type, interaction).map((rule) => reachOf(rule, interaction));
      const reach = allOf([anyOf(reaches), this.#scopes(type, interaction)]);
      const decide = deciderOf(this.#context.index, type, reach);
      known = { reach, decide, parameters: parametersOf([reach]) };
      this.#decided.set(type, interaction, known);
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
    let hidden = this.#hidden.get(type, interaction);
    if (!hidden) {
      hidden = this.#withNarrative(type, guardedSomewhere(this.#rulesFor(type, interaction), 'hidden'));
      if (this.#context.definitions.isResourceType(type)) this.#hidden.set(type, interaction, hidden);
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

const dotted = (path: ElementPath) => path.join('.');
