import { clauseTest } from './clause.ts';
import { compartmentTest, compartmentTypes } from './compartment.ts';
import { foundInside, type Contained } from './contained.ts';
import type { Context, Test } from './context.ts';
import { included, type Include } from './include.ts';
import { sorted } from './sort.ts';
import { pairsOf } from './split.ts';
import type { Stored } from './world.ts';

/** What a search must find. */
export interface Expected {
  /** All matches, in order. */
  matches: Stored[];
  /** What comes along with some of them: `Type/id`. */
  includedWith(matches: readonly Stored[]): Set<string>;
}

/** Parameters that say how to answer, not what to find. */
const RESULT = new Set([
  '_sort',
  '_count',
  '_include',
  '_revinclude',
  '_total',
  '_summary',
  '_type',
  '_elements',
  '_contained',
  '_containedType',
]);

/**
 * Evaluates a search as http://hl7.org/fhir/R4/search.html describes it.
 *
 * @param url what follows the server's base: `Patient?name=x`, `Patient/1/Observation?...`, `Patient/1/*?...`, `?_type=...`
 */
export function search(context: Context, url: string): Expected {
  const [path = '', query = ''] = splitOnce(url, '?');
  const pairs = pairsOf(query);
  const last = (name: string) => pairs.findLast(([one]) => one === name)?.[1];
  const clauses = pairs.filter(([name]) => !RESULT.has(name.split(':')[0]!));
  const tests = new Map(
    typesOf(context, path, last('_type')).map((type): [string, Test[]] => {
      const ofType = clauses.map(([name, value]) => clauseTest(context, type, name, value));
      const compartment = compartmentOf(path);
      return [type, compartment ? [...ofType, compartmentTest(context, compartment, type)] : ofType];
    }),
  );
  const contained: Contained = {
    mode: (last('_contained') ?? 'false') as Contained['mode'],
    returns: (last('_containedType') ?? 'container') as Contained['returns'],
  };
  const found =
    contained.mode === 'true'
      ? []
      : [...tests].flatMap(([type, ofType]) =>
          context.world.ofType(type).filter((one) => ofType.every((test) => test(one))),
        );
  const inside =
    contained.mode === 'false' ? [] : foundInside(context, contained, (type) => tests.get(type), found);
  const includes = pairs.flatMap(([name, value]): Include[] => {
    const [code, modifier] = name.split(':');
    if (code !== '_include' && code !== '_revinclude') return [];
    return [{ reverse: code === '_revinclude', iterate: modifier === 'iterate', value }];
  });
  return {
    matches: [...sorted(context, found, last('_sort')), ...sorted(context, inside, undefined)],
    includedWith: (matches) => included(context, matches, includes),
  };
}

function typesOf(context: Context, path: string, named: string | undefined): readonly string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  const only = segments.length === 1 ? segments[0] : segments[2] === '*' ? undefined : segments[2];
  if (only !== undefined) return [only];
  if (named !== undefined) return named.split(',').sort();
  const compartment = compartmentOf(path);
  const types = compartment ? compartmentTypes(context, compartment.type) : context.definitions.resourceTypes;
  return [...types].sort();
}

function compartmentOf(path: string): { type: string; id: string } | undefined {
  const [type, id, rest] = path.split('/');
  return type !== undefined && id !== undefined && rest !== undefined ? { type, id } : undefined;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
