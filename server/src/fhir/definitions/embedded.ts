import { splitUnion } from '../path/splitUnion.ts';
import type { SearchParameterDefinition } from './types.ts';

/** What a reference parameter has that leads to a resource inside of the one that is searched, in the place of a reference to it. */
const INLINE = /\.resource$/;
/** Types whose parameters every resource has. */
const ANCESTORS = ['Resource', 'DomainResource'];

/**
 * R4's parameters, with those of Bundle that "provide access to search the contents" of its first entry
 * (http://hl7.org/fhir/R4/bundle.html#search): `composition` and `message` mean it only where it is a Composition or MessageHeader, and each
 * parameter of these types is one of Bundle as well, as `composition.date`, which a chain of that name asks.
 */
export function withEmbedded(parameters: readonly SearchParameterDefinition[]): SearchParameterDefinition[] {
  return parameters.flatMap((parameter) => {
    const { type, expression = '', target = [] } = parameter;
    const [only, ...others] = target;
    if (type !== 'reference' || !INLINE.test(expression) || only === undefined || others.length > 0)
      return [parameter];
    return [
      { ...parameter, expression: `${expression}.where(resolve() is ${only})` },
      ...parameters
        .filter(({ base }) => base.includes(only) || base.some((name) => ANCESTORS.includes(name)))
        .flatMap((inner) => embedded(parameter, only, inner)),
    ];
  });
}

/** A parameter of a resource as one of what it is inside of; none where it has no expression of its own. */
function embedded(
  outer: SearchParameterDefinition,
  innerType: string,
  inner: SearchParameterDefinition,
): SearchParameterDefinition[] {
  if (inner.expression === undefined || inner.type === 'composite' || inner.type === 'special') return [];
  const root = new RegExp(`(?<![\\w.'])(${[innerType, ...ANCESTORS].join('|')})(?=\\.)`, 'g');
  const branches = splitUnion(inner.expression).filter((branch) => branch.search(root) >= 0);
  if (branches.length === 0) return [];
  const start = `${outer.expression}.ofType(${innerType})`;
  const code = embeddedCode(outer.code, inner.code);
  return [
    {
      ...inner,
      url: `${outer.url}.${inner.code}`,
      code,
      base: outer.base,
      expression: branches.map((branch) => branch.replaceAll(root, start)).join(' | '),
      embedded: true,
    },
  ];
}

/** Code of a parameter of a resource that a parameter leads to, where both are parameters of the same type. */
export const embeddedCode = (outer: string, inner: string): string => `${outer}.${inner}`;
