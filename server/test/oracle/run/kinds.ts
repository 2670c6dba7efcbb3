import type { SearchParameterDefinition } from '../../../src/fhir/definitions/types.ts';
import type { Context } from '../evaluate/context.ts';
import { parseFilter, type Filter } from '../evaluate/filterGrammar.ts';
import { splitAt } from '../evaluate/split.ts';
import type { Pair } from '../queries/parameter.ts';
import type { Query } from '../queries/query.ts';

/** What kinds of search a query is: level, type of parameter with modifier, prefix or form, chains, order, pages, ... */
export function kindsOf(context: Context, query: Query): Set<string> {
  const { path, pairs, post, pageSize, asksSelf, wrong } = query;
  if (wrong) return new Set([`wrong, ${wrong.isLenient ? 'lenient' : 'strict'}`]);
  const [first = '', id, last] = path.split('/');
  const named = pairs.find(([name]) => name === '_type')?.[1].split(',');
  const types = id === undefined ? (path === '' ? named : [first]) : last === '*' ? named : [last!];
  const level =
    path === '' ? 'system' : id === undefined ? 'type' : last === '*' ? 'compartment *' : 'compartment';
  const kinds = [`level ${level}${types === undefined ? ' without _type' : ''}`];
  if (post) kinds.push('by POST');
  if (asksSelf) kinds.push('self again');
  if (pageSize !== undefined) kinds.push(pageSize === 0 ? 'number only' : 'in pages');
  if (pairs.some(([name], i) => isCondition(name) && pairs.findIndex(([one]) => one === name) !== i))
    kinds.push('parameter twice');
  const type = types?.[0] ?? 'Patient';
  return new Set([...kinds, ...pairs.flatMap((pair) => pairKinds(context, type, pair))]);
}

const isCondition = (name: string): boolean =>
  !/^_(sort|(rev)?include|total|summary|elements|type|contained)/.test(name);

function pairKinds(context: Context, type: string, [name, value]: Pair): string[] {
  const [code = '', modifier] = name.split(':');
  if (code === '_sort') return sortKinds(context, type, value);
  if (/^_(total|summary|contained|containedType)$/.test(code)) return [`${code}=${value}`];
  if (code === '_elements') return [code];
  if (name === '_include' || name === '_revinclude' || modifier === 'iterate') {
    const parts = value.split(':');
    return [name + (parts.includes('*') ? ' *' : parts.length === 3 ? ' with target' : '')];
  }
  return code === '_type' ? [] : clauseKinds(context, type, name, value, 0, 0);
}

function sortKinds({ definitions }: Context, type: string, value: string): string[] {
  const keys = value.split(',');
  const each = keys.map((key) => {
    const code = key.replace(/^-/, '');
    const kind = code.startsWith('_') ? code : (definitions.searchParameter(type, code)?.type ?? code);
    return `_sort ${kind}${key.startsWith('-') ? ' desc' : ''}`;
  });
  return [`_sort by ${keys.length}`, ...each];
}

/** @param chains steps before this one @param has those of them that are `_has` */
function clauseKinds(
  context: Context,
  type: string,
  name: string,
  value: string,
  chains: number,
  has: number,
): string[] {
  if (name.startsWith('_has:')) {
    const [, source = '', , ...rest] = name.split(':');
    return clauseKinds(context, source, rest.join(':'), value, chains, has + 1);
  }
  const dot = name.indexOf('.');
  if (dot < 0) {
    const leaf = leafKinds(context, type, name, value);
    const steps = chains + has;
    if (steps === 0) return leaf;
    return [
      ...leaf,
      `${steps} steps`,
      ...(chains > 0 && has > 0 ? ['chain and _has'] : chains > 0 ? ['chain'] : ['_has']),
      `${leaf[0]} after steps`,
    ];
  }
  const [code = '', target] = name.slice(0, dot).split(':');
  const rest = name.slice(dot + 1);
  const targets = target === undefined ? openTargets(context, type, code, rest) : [target];
  const open = target === undefined ? ['chain without type'] : [];
  return [...open, ...clauseKinds(context, targets[0] ?? 'Patient', rest, value, chains + 1, has)];
}

function openTargets({ definitions }: Context, type: string, code: string, rest: string): readonly string[] {
  const targets = definitions.searchParameter(type, code)?.target ?? [];
  const next = rest.split(/[.:]/)[0]!;
  return targets.filter((one) => definitions.searchParameter(one, next) !== undefined);
}

const OWN = new Set(['_id', '_lastUpdated', '_list', '_text', '_content']);

/** The first says type and modifier. */
function leafKinds(context: Context, type: string, name: string, value: string): string[] {
  const [code = '', modifier] = name.split(':');
  if (code === '_filter') return ['_filter', ...filterKinds(context, type, parseFilter(value))];
  const suffix = modifier === undefined ? '' : `:${/^[A-Z]/.test(modifier) ? '[type]' : modifier}`;
  const values = splitAt(value, ',');
  if (OWN.has(code))
    return [
      code + suffix,
      ...(code === '_lastUpdated' ? values.map((one) => `_lastUpdated ${prefixOf(one)}`) : []),
    ];
  const parameter = context.definitions.searchParameter(type, code);
  const kind = kindOf(parameter) + suffix;
  const forms =
    modifier === 'missing'
      ? [`${kind}=${value}`]
      : values.flatMap((one) => formKinds(context, parameter, kind, one));
  const meta = code.startsWith('_') ? [code + suffix] : [];
  return [kind, ...forms, ...meta, ...(values.length > 1 ? [`${kind} OR`] : [])];
}

function kindOf(parameter: SearchParameterDefinition | undefined): string {
  if (parameter?.code === 'phonetic') return 'phonetic';
  return parameter?.type === 'special' ? 'near' : (parameter?.type ?? 'unknown');
}

const prefixOf = (value: string): string => /^[a-z]{2}(?=[-\d])/.exec(value)?.[0] ?? 'bare';

/** How a value is written. */
function formKinds(
  { values }: Context,
  parameter: SearchParameterDefinition | undefined,
  kind: string,
  value: string,
): string[] {
  const parts = splitAt(value, '|');
  switch (parameter?.type) {
    case 'date':
      return [`${kind} ${prefixOf(value)}`];
    case 'number':
    case 'quantity': {
      const unit = parts.length === 1 ? '' : parts[1] === '' ? ' ||code' : ' |system|code';
      return [`${kind} ${prefixOf(value)}`, ...(unit === '' ? [] : [`${kind}${unit}`])];
    }
    case 'token':
      if (kind !== 'token' && kind !== 'token:not') return [];
      return [
        kind +
          (parts.length === 1
            ? ' code'
            : parts[0] === ''
              ? ' |code'
              : parts[1] === ''
                ? ' system|'
                : ' system|code'),
      ];
    case 'reference':
      if (kind !== 'reference') return [];
      return [
        /\/_history\//.test(value)
          ? 'reference versioned'
          : /^\{base\}/.test(value)
            ? 'reference absolute'
            : /:/.test(value)
              ? 'reference elsewhere or canonical'
              : `reference ${value.includes('/') ? 'Type/id' : 'id'}`,
      ];
    case 'composite':
      return [
        `composite ${values
          .components(parameter)
          .map((part) => part.type)
          .join('$')}`,
      ];
    case 'special':
      return [`near${parts.length > 2 ? ' within' : ''}`];
    default:
      return [];
  }
}

function filterKinds(context: Context, type: string, filter: Filter): string[] {
  switch (filter.kind) {
    case 'not':
      return ['_filter not', ...filterKinds(context, type, filter.filter)];
    case 'and':
    case 'or':
      return [
        `_filter ${filter.kind}`,
        ...filterKinds(context, type, filter.left),
        ...filterKinds(context, type, filter.right),
      ];
    case 'test': {
      let last = type;
      for (const { name } of filter.path.slice(0, -1))
        last = context.definitions.searchParameter(last, name)?.target?.[0] ?? last;
      const code = filter.path.at(-1)!.name;
      const kind = code.startsWith('_') ? code : kindOf(context.definitions.searchParameter(last, code));
      const path = filter.path.length > 1 ? ['_filter path'] : [];
      const where = filter.path.flatMap((step) => (step.where ? ['_filter [...]'] : []));
      return [`_filter ${kind} ${filter.operator}`, ...path, ...where];
    }
  }
}
