import type { AccessInteraction, Reach } from '../access.ts';
import type { Decider } from '../decide.ts';
import type { ElementPath } from '../elements/elementPaths.ts';
import type { WriteConstraint } from './constraint.ts';

/** One way in which a caller may touch resources of a type: an entry of a policy, with its variables filled. */
export interface Rule {
  interactions: ReadonlySet<AccessInteraction>;
  reach: Reach;
  /** Of what is created: `reach`, and in the policy's compartment. */
  createReach: Reach;
  decide: Decider;
  decideCreate: Decider;
  hidden: readonly ElementPath[];
  readonly: readonly ElementPath[];
  constraints: readonly WriteConstraint[];
}

/** Rules for one type after another, made when they are first asked for. */
export interface RuleSource {
  /** Undefined: none for this type. */
  rule(type: string): Rule | undefined;
}
