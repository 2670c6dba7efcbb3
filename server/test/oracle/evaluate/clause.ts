import type { Context, Test } from './context.ts';
import { filterTest } from './filter.ts';
import { definition, referredTo } from './follow.ts';
import { parameterTest } from './parameter.ts';
import { SPECIAL } from './special.ts';
import { nameOf } from './world.ts';

/** What one `name=value` of a search means for a resource of the type. */
export function clauseTest(context: Context, type: string, name: string, value: string): Test {
  if (name.startsWith('_has:')) return hasTest(context, name, value);
  const dot = name.indexOf('.');
  if (dot >= 0) return chainTest(context, type, name.slice(0, dot), name.slice(dot + 1), value);
  const [code = '', modifier] = name.split(':');
  if (code === '_filter') return filterTest(context, type, value);
  const special = modifier === 'missing' ? undefined : SPECIAL[code];
  return special
    ? special(context, modifier, value)
    : parameterTest(context, type, definition(context, type, code), modifier, value);
}

/** `subject:Patient.name`: some resource that is referred to satisfies the rest, also a contained one (search.html#chaining). */
function chainTest(context: Context, type: string, step: string, rest: string, value: string): Test {
  const [code = '', targetType] = step.split(':');
  const parameter = definition(context, type, code);
  const tests = new Map<string, Test | undefined>();
  const restOf = (target: string): Test | undefined => {
    if (!tests.has(target)) {
      tests.set(
        target,
        isKnown(context, target, rest) ? clauseTest(context, target, rest, value) : undefined,
      );
    }
    return tests.get(target);
  };
  return (one) =>
    referredTo(context, one, parameter)
      .filter((target) => targetType === undefined || target.type === targetType)
      .filter(
        ({ type: target, container }) => !container || context.looksInside({ type, parameter, target, rest }),
      )
      .some((target) => restOf(target.type)?.(target) ?? false);
}

/** Whether the rest of a chain begins with a parameter that the type has. */
function isKnown({ definitions }: Context, type: string, rest: string): boolean {
  const code = rest.split(/[.:]/)[0]!;
  return code === '_has' || code in SPECIAL || definitions.searchParameter(type, code) !== undefined;
}

/** `_has:Observation:patient:code`: some resource that refers to this one satisfies the rest (search.html#has). */
function hasTest(context: Context, name: string, value: string): Test {
  const [, type = '', code = '', ...rest] = name.split(':');
  const parameter = definition(context, type, code);
  const test = clauseTest(context, type, rest.join(':'), value);
  let names: Set<string> | undefined;
  return (one) => {
    names ??= new Set(
      context.world
        .ofType(type)
        .filter(test)
        .flatMap((source) => referredTo(context, source, parameter))
        .filter((target) => !target.container)
        .map(nameOf),
    );
    return !one.container && names.has(nameOf(one));
  };
}
