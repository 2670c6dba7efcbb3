import type { Condition } from './ast.ts';
import type { SearchContext } from './contract.ts';
import { SearchFault, quoted, tooCostly, unknown } from './faults.ts';
import { CHAIN_BRANCHES_MAX } from './limits.ts';
import { nameText, type LeafName, type Name } from './name.ts';
import { referenceParameter, requireSupport, requireType } from './parameters.ts';
import { typeList } from './typeList.ts';

/** What stands at the end of a name, and in the brackets of its steps, on a type. */
export interface ConditionReader<Where = never> {
  leaf(type: string, leaf: LeafName): Condition;
  where(type: string, where: Where): Condition;
}

interface Resolved {
  condition: Condition;
  /** Tests that the condition comes to when it is written out. */
  tests: number;
}

/**
 * The condition that a name means on a type: chains lead to every target type that knows their rest
 * (http://hl7.org/fhir/R4/search.html#chaining).
 *
 * @throws SearchFault
 */
export function resolveName<Where>(
  context: SearchContext,
  reader: ConditionReader<Where>,
): (type: string, name: Name<Where>) => Condition {
  // The same rest is met on many ways: without this an untyped chain would take time exponential in its length.
  const known = new Map<Name<Where>, Map<string, Resolved | SearchFault>>();

  function resolve(type: string, name: Name<Where>): Resolved {
    let ofName = known.get(name);
    if (!ofName) known.set(name, (ofName = new Map()));
    let resolved = ofName.get(type);
    if (!resolved) ofName.set(type, (resolved = attempt(type, name)));
    if (resolved instanceof SearchFault) throw resolved;
    return resolved;
  }

  function attempt(type: string, name: Name<Where>): Resolved | SearchFault {
    try {
      if (name.kind === 'leaf') return { condition: reader.leaf(type, name), tests: 1 };
      return name.kind === 'has' ? resolveHas(type, name) : resolveChain(type, name);
    } catch (error) {
      if (error instanceof SearchFault) return error;
      throw error;
    }
  }

  function resolveHas(type: string, name: Extract<Name<Where>, { kind: 'has' }>): Resolved {
    requireType(context, name.type);
    const { parameter, targets } = referenceParameter(context, name.type, name.code);
    if (!targets.includes(type)) {
      const text = `'${parameter.code}' of ${name.type} does not refer to ${type}, so _has cannot follow it: it refers to ${typeList(targets)}.`;
      throw new SearchFault('unreachable', 'not-supported', text);
    }
    requireSupport(context, name.type, parameter);
    const { condition, tests } = resolve(name.type, name.rest);
    return { condition: { kind: 'has', type: name.type, parameter, condition }, tests };
  }

  function resolveChain(type: string, name: Extract<Name<Where>, { kind: 'chain' }>): Resolved {
    const { parameter, targets } = referenceParameter(context, type, name.code);
    requireSupport(context, type, parameter);
    const found: { type: string; condition: Condition }[] = [];
    let tests = 0;
    let fault: SearchFault | undefined;
    for (const target of chosenTargets(type, name, targets)) {
      try {
        const rest = resolve(target, name.rest);
        tests += rest.tests;
        found.push({ type: target, condition: withWhere(target, name.where, rest.condition) });
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

  function withWhere(type: string, where: Where | undefined, rest: Condition): Condition {
    return where === undefined ? rest : { kind: 'and', conditions: [reader.where(type, where), rest] };
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

  function nothingFound(
    type: string,
    name: Extract<Name<Where>, { kind: 'chain' }>,
    targets: readonly string[],
    fault: SearchFault | undefined,
  ): SearchFault {
    if (fault && (targets.length === 1 || name.targetType !== undefined)) return fault;
    return unknown(
      `${quoted(name.code)} of ${type} refers to ${typeList(targets)}, and none of them can be searched by ${quoted(nameText(name.rest))}.`,
    );
  }

  return (type, name) => resolve(type, name).condition;
}

const isPassedOver = ({ kind }: SearchFault) => kind === 'unknown' || kind === 'unreachable';
