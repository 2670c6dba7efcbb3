import type { JsonObject } from '../../fhir/resource.ts';
import { canonicalText } from '../../fhir/canonical.ts';
import type { SystemHeader } from '../model.ts';
import { extensionValue } from '../systems/readCodeSystem.ts';
import { canonicalOf, type CompiledValueSet } from './compile.ts';

const STANDARDS_STATUS = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';

/** What an expansion was made from, as `expansion.parameter` tells it. */
export function usedParameters(root: CompiledValueSet): JsonObject[] {
  const found = new Map<string, JsonObject>();
  const add = (name: string, valueUri: string) => found.set(`${name} ${valueUri}`, { name, valueUri });
  const seen = new Set<CompiledValueSet>();
  const walk = (valueSet: CompiledValueSet) => {
    if (seen.has(valueSet)) return;
    seen.add(valueSet);
    const { resource, isContained } = valueSet;
    if (valueSet !== root && !isContained) add('used-valueset', canonicalOf(resource));
    const warning = warningOf(facts(resource), facts(root.resource), valueSet === root);
    if (warning !== undefined && !isContained) add(warning, canonicalOf(resource));
    for (const part of [...valueSet.includes, ...valueSet.excludes]) {
      const { content, valueSets } = part;
      if (content) addSystem(content.header, root, add);
      valueSets.forEach(walk);
    }
  };
  walk(root);
  return [...found.values()];
}

function addSystem(
  header: SystemHeader,
  root: CompiledValueSet,
  add: (name: string, valueUri: string) => void,
): void {
  const { url, version, content, supplements } = header;
  const canonical = canonicalText({ url, ...(version !== undefined && { version }) });
  add('used-codesystem', canonical);
  for (const supplement of supplements) add('used-supplement', supplement);
  if (content === 'fragment') add('used-fragment', canonical);
  if (content === 'example') add('example', canonical);
  const warning = warningOf(header, facts(root.resource), false);
  if (warning !== undefined) add(warning, canonical);
}

interface Facts {
  status?: string;
  experimental?: boolean;
  standardsStatus?: string;
}

export function facts(resource: JsonObject): Facts {
  const standardsStatus = extensionValue(resource, STANDARDS_STATUS);
  return {
    ...(typeof resource.status === 'string' && { status: resource.status }),
    ...(typeof resource.experimental === 'boolean' && { experimental: resource.experimental }),
    ...(standardsStatus !== undefined && { standardsStatus }),
  };
}

/** What is doubtful about something, unless the one that uses it is no better. */
export function warningOf(used: Facts, user: Facts, isUser: boolean): string | undefined {
  const { status, experimental, standardsStatus } = used;
  if (standardsStatus === 'deprecated') return 'warning-deprecated';
  if (standardsStatus === 'withdrawn') return 'warning-withdrawn';
  if (status === 'retired') return 'warning-retired';
  if (isUser) return undefined;
  if (experimental === true && user.experimental !== true) return 'warning-experimental';
  const isDraft = (one: Facts) => one.status === 'draft' || one.standardsStatus === 'draft';
  return isDraft(used) && !isDraft(user) ? 'warning-draft' : undefined;
}
