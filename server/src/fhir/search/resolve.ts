import { embeddedCode } from '../definitions/embedded.ts';
import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, quoted, tooCostly, unknown, unusable } from './faults.ts';
import { CHAIN_BRANCHES_MAX } from './limits.ts';
import { nameText, type LeafName, type Name } from './name.ts';
import { referenceParameter, requireSupport, requireType } from './parameters.ts';
import { typeList } from './typeList.ts';

/** Every resource type has it. */
const PARAMETER_OF_ALL = '_tag';

type Chain<Where> = Extract<Name<Where>, { kind: 'chain' }>;
type Has<Where> = Extract<Name<Where>, { kind: 'has' }>;

/** A condition and how many tests it comes to when it is written out. */
export interface Resolved {
  condition: Condition;
  tests: number;
}

/** What stands at the end of a name, and in the brackets of its steps, on a type. All throw SearchFault. */
export interface ConditionReader<Where> {
  /** @param code of the parameter: its name's, unless that is one of a resource inside of the type's */
  leaf(type: string, leaf: LeafName, code: string): Condition;
  where(type: string, where: Where): Resolved;
  /** A step that looks like a chain but is none; undefined for all others. */
  other?(type: string, chain: Chain<Where>): Condition | undefined;
}

/**
 * What names mean on types: chains lead to every target type that knows their rest
 * (http://hl7.org/fhir/R4/search.html#chaining).
 */
export class NameResolver<Where = never> {
  readonly #context: SearchContext;
  readonly #reader: ConditionReader<Where>;
  /** The same rest is met on many ways: without this an untyped chain would take time exponential in its length. */
  readonly #known = new Map<Name<Where>, Map<string, Resolved | SearchFault>>();

  constructor(context: SearchContext, reader: ConditionReader<Where>) {
    this.#context = context;
    this.#reader = reader;
  }

  /**
   * @param inside parameter of the type that leads to a resource inside of it, whose name this is
   * @throws SearchFault
   */
  resolve(type: string, name: Name<Where>, inside?: string): Resolved {
    let byType = this.#known.get(name);
    if (!byType) this.#known.set(name, (byType = new Map()));
    const key = inside === undefined ? type : embeddedCode(type, inside);
    let resolved = byType.get(key);
    if (!resolved) byType.set(key, (resolved = this.#attempt(type, name, inside)));
    if (resolved instanceof SearchFault) throw resolved;
    return resolved;
  }

  #attempt(type: string, name: Name<Where>, inside: string | undefined): Resolved | SearchFault {
    try {
      if (name.kind === 'has') return this.#has(type, name);
      const code = inside === undefined ? name.code : embeddedCode(inside, name.code);
      if (name.kind === 'leaf') return { condition: this.#reader.leaf(type, name, code), tests: 1 };
      const other = inside === undefined ? this.#reader.other?.(type, name) : undefined;
      return other ? { condition: other, tests: 1 } : this.#chain(type, name, code);
    } catch (error) {
      if (error instanceof SearchFault) return error;
      throw error;
    }
  }

  #has(type: string, name: Has<Where>): Resolved {
    requireType(this.#context, name.type);
    const { parameter, targets } = referenceParameter(this.#context, name.type, name.code);
    if (!targets.includes(type)) {
      throw new SearchFault(
        'unreachable',
        'not-supported',
        `'${parameter.code}' of ${name.type} does not refer to ${type}, so _has cannot follow it: it refers to ${typeList(targets)}.`,
      );
    }
    requireSupport(this.#context, name.type, parameter);
    const { condition, tests } = this.resolve(name.type, name.rest);
    return { condition: { kind: 'has', type: name.type, parameter, condition }, tests };
  }

  #chain(type: string, name: Chain<Where>, code: string): Resolved {
    const { parameter, targets } = referenceParameter(this.#context, type, code);
    requireSupport(this.#context, type, parameter);
    if (leadsInside(this.#context, type, name)) return this.resolve(type, name.rest, code);
    const found: { type: string; condition: Condition }[] = [];
    let tests = 0;
    let fault: SearchFault | undefined;
    for (const target of chosenTargets(type, name, targets)) {
      try {
        const step = this.#step(target, name);
        tests += step.tests;
        found.push({ type: target, condition: step.condition });
      } catch (error) {
        if (!(error instanceof SearchFault) || !isPassedOver(error)) throw error;
        fault = error;
      }
    }
    if (found.length === 0) throw nothingFound(type, name, targets, fault);
    if (tests > CHAIN_BRANCHES_MAX) {
      throw tooCostly(
        `The references of the chain may lead to so many types that it comes to more than ${CHAIN_BRANCHES_MAX} tests: name the types, as in ${parameter.code}:${found[0]!.type}.`,
      );
    }
    return { condition: { kind: 'chain', parameter, targets: found }, tests };
  }

  #step(target: string, { where, rest }: Chain<Where>): Resolved {
    const resolved = this.resolve(target, rest);
    if (where === undefined) return resolved;
    const only = this.#reader.where(target, where);
    return {
      condition: { kind: 'and', conditions: [only.condition, resolved.condition] },
      tests: only.tests + resolved.tests,
    };
  }
}

/** Whether a chain asks what is inside of the resource, and not what it refers to. @throws SearchFault where that cannot be asked */
function leadsInside(
  { definitions }: SearchContext,
  type: string,
  { code, where, rest }: Chain<unknown>,
): boolean {
  const inner = definitions.searchParameter(type, embeddedCode(code, PARAMETER_OF_ALL));
  if (inner?.embedded !== true) return false;
  if (where === undefined && rest.kind !== 'has') return true;
  throw unusable(`${quoted(code)} of ${type} leads to what is in it: only its own parameters can follow.`);
}

function chosenTargets(
  type: string,
  { code, targetType }: { code: string; targetType?: string },
  targets: readonly string[],
): readonly string[] {
  if (targetType === undefined) return targets;
  if (targets.includes(targetType)) return [targetType];
  throw unknown(
    `${quoted(code)} of ${type} does not refer to ${quoted(targetType)}: it refers to ${typeList(targets)}.`,
  );
}

/** Of one target type the fault itself says most. */
function nothingFound(
  type: string,
  name: Chain<unknown>,
  targets: readonly string[],
  fault: SearchFault | undefined,
): SearchFault {
  if (fault && (targets.length === 1 || name.targetType !== undefined)) return fault;
  return unknown(
    `${quoted(name.code)} of ${type} refers to ${typeList(targets)}, and none of them can be searched by ${quoted(nameText(name.rest))}.`,
  );
}

const isPassedOver = ({ kind }: SearchFault) => kind === 'unknown' || kind === 'unreachable';
