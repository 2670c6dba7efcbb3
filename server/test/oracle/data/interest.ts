import type { Definitions } from '../../../src/fhir/definitions/types.ts';

/** Paths that search parameters read, each with all its beginnings; of a choice, with the types that are meant. */
export type Interest = ReadonlyMap<string, ReadonlySet<string>>;

/** What search looks at besides parameters: entries that are marked as deleted are not on a list. */
const FURTHER: readonly string[] = ['List.entry.deleted'];

/** Which elements of a resource type (and of what lies in them) search parameters read. */
export function interestOf(definitions: Definitions, resourceType: string): Interest {
  const paths = new Map<string, Set<string>>();
  for (const path of FURTHER) addPath(paths, resourceType, path);
  for (const parameter of definitions.searchParameters(resourceType)) {
    for (const branch of (parameter.expression ?? '').split('|')) {
      addPath(paths, resourceType, branch);
      for (const part of parameter.component ?? []) {
        for (const below of part.expression.split('|')) {
          const start = below.includes('%resource') ? '' : `${branch}.`;
          addPath(paths, resourceType, start + below.replace('%resource', resourceType));
        }
      }
    }
  }
  return paths;
}

/** `(Observation.value as Quantity)`, `Observation.value.ofType(Quantity)`: the path `Observation.value`, the type Quantity. */
function addPath(paths: Map<string, Set<string>>, resourceType: string, branch: string): void {
  const type = /(?: as |ofType\()(\w+)/.exec(branch)?.[1];
  const text = branch
    .replace(/\.where\([^)]*\)+|\.ofType\(\w+\)| as \w+|\.exists\(\).*|\[\d+\]|[()\s]/g, '')
    .replace(/^(Resource|DomainResource)\./, `${resourceType}.`);
  const names = text.split('.');
  if (names[0] !== resourceType) return;
  for (let length = 2; length <= names.length; length++) {
    const path = names.slice(0, length).join('.');
    const types = paths.get(path) ?? new Set();
    paths.set(path, types);
    if (type !== undefined && length === names.length) types.add(lowerDateTime(type));
  }
}

/** Some of HL7's expressions write `DateTime`. */
function lowerDateTime(type: string): string {
  return type === 'DateTime' ? 'dateTime' : type;
}
