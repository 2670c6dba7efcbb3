import type { Resource } from '../../../src/fhir/resource.ts';
import { compactStructure, type Structure } from '../../../src/fhir/structures/structure.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';

interface Coded {
  url: string;
  compose?: { include: ValueSetInclude[]; exclude?: unknown[] };
  content?: string;
  concept?: Concept[];
}
interface Concept {
  code: string;
  concept?: Concept[];
}
interface ValueSetInclude {
  system?: string;
  concept?: Concept[];
  filter?: unknown[];
  valueSet?: unknown[];
}

/** An implementation guide, as far as profiles are concerned. */
export interface IgPackage {
  structures: ReadonlyMap<string, Structure>;
  /** Examples that claim a profile, by file name. */
  examples: { name: string; resource: Resource }[];
  members(valueSet: string): ReadonlySet<string> | undefined;
}

/** Reads a package of /igs; undefined where the shared data is absent. */
export function igPackage(id: string): IgPackage | undefined {
  const file = sharedPath(`igs/${id}.tgz`);
  if (file === undefined) return undefined;
  const structures = new Map<string, Structure>();
  const coded = new Map<string, Coded>();
  const examples: IgPackage['examples'] = [];
  for (const { name, content } of archivedFiles(file)) {
    if (!/^package\/(example\/)?[^./][^/]*\.json$/.test(name)) continue;
    const resource = JSON.parse(content.toString()) as Resource;
    if (resource.resourceType === 'StructureDefinition') {
      const structure = compactStructure(resource as never);
      structures.set(structure.url, structure);
    } else if (/ValueSet|CodeSystem/.test(String(resource.resourceType))) {
      coded.set(String(resource.url), resource as unknown as Coded);
    }
    if (resource.meta?.profile && name.includes('/example/')) examples.push({ name, resource });
  }
  return { structures, examples, members: (valueSet) => membersOf(valueSet, coded) };
}

/** The members of a value set that lists them, or takes whole code systems of the same package. */
function membersOf(valueSet: string, coded: ReadonlyMap<string, Coded>): ReadonlySet<string> | undefined {
  const { compose } = coded.get(valueSet.split('|')[0]!) ?? {};
  if (compose === undefined || compose.exclude) return undefined;
  const members = new Set<string>();
  for (const { system, concept, filter, valueSet: others } of compose.include) {
    if (system === undefined || filter || others) return undefined;
    const whole = coded.get(system);
    const concepts = concept ?? (whole?.content === 'complete' ? whole.concept : undefined);
    if (concepts === undefined) return undefined;
    addAll(members, system, concepts);
  }
  return members;
}

function addAll(members: Set<string>, system: string, concepts: readonly Concept[]): void {
  for (const { code, concept } of concepts) {
    members.add(`${system}|${code}`).add(`|${code}`);
    if (concept) addAll(members, system, concept);
  }
}
