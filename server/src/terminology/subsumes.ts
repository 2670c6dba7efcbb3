import { unknownCode } from './lookup.ts';
import type { CodeSystemContent } from './model.ts';
import type { LibraryView } from './resources/libraryView.ts';
import { unknownSystem } from './valueSets/faults.ts';

export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed';

/** `CodeSystem/$subsumes` (http://hl7.org/fhir/R4/codesystem-operation-subsumes.html). @throws TerminologyError for unknown codes */
export async function subsumption(
  view: LibraryView,
  system: string,
  version: string | undefined,
  [codeA, codeB]: readonly [string, string],
): Promise<Subsumption> {
  const content = await view.system(system, version);
  if (!content)
    throw unknownSystem(system, version, await view.systemVersions(system), 'so codes cannot be compared');
  return compare(content, codeA, codeB);
}

async function compare(content: CodeSystemContent, codeA: string, codeB: string): Promise<Subsumption> {
  const [a, b] = [await content.find(codeA), await content.find(codeB)];
  if (!a) throw unknownCode(content, codeA);
  if (!b) throw unknownCode(content, codeB);
  if (a.code === b.code) return 'equivalent';
  if (await content.subsumes(a, b)) return 'subsumes';
  return (await content.subsumes(b, a)) ? 'subsumed-by' : 'not-subsumed';
}
