import path from 'node:path';
import { parseJson } from '../../../src/fhir/json/parse.ts';
import { FhirError, type Issue } from '../../../src/fhir/outcome.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { compactStructure, type Structure } from '../../../src/fhir/structures/structure.ts';
import { createXmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { createValidator } from '../../../src/validation/createValidator.ts';
import { createInvariants } from '../../../src/validation/invariants/createInvariants.ts';
import { createProfiles } from '../../../src/validation/profiles/profiles.ts';
import { archivedFiles } from '../../support/sharedData.ts';
import type { R4 } from '../profiles/support.ts';

/** How a case of HL7's validator comes out here. */
export type Verdict =
  | 'agrees' // an error where HL7 has one, at an expression that HL7 names; or none where HL7 has none
  | 'elsewhere' // an error where HL7 has one, at another expression
  | 'missed' // no error where HL7 has one
  | 'false alarm'; // an error where HL7 has none

export interface CaseResult {
  name: string;
  verdict: Verdict;
  /** Whether HL7 has an error. */
  isError: boolean;
}

interface Case {
  name: string;
  file: string;
  java?: string | { output?: unknown };
  profiles?: string[];
  supporting?: string[];
}

interface Outcome {
  issue?: { severity: string; expression?: string[] }[];
}

/** Runs every case whose file and outcome are in the archive, with profiles, as `$validate` does. */
export async function runCases(archive: string, r4: R4): Promise<CaseResult[]> {
  const files = new Map<string, Buffer>();
  for (const { name, content } of archivedFiles(archive))
    files.set(name.replace(/^validator\//, ''), content);
  const manifest = JSON.parse(files.get('manifest.json')!.toString()) as { 'test-cases': Case[] };
  const run = runner(r4, files);
  const results: CaseResult[] = [];
  for (const one of manifest['test-cases']) {
    const outcome = outcomeOf(one, files);
    const content = files.get(one.file);
    if (!outcome || !content) continue;
    results.push(verdictOf(one.name, outcome, await run(one, content)));
  }
  return results;
}

function outcomeOf({ java }: Case, files: ReadonlyMap<string, Buffer>): Outcome | undefined {
  if (java === undefined) return undefined;
  if (typeof java !== 'string') return { issue: [] };
  const content = files.get(`outcomes/${java}`);
  return content && (JSON.parse(content.toString()) as Outcome);
}

function runner(r4: R4, files: ReadonlyMap<string, Buffer>) {
  const { definitions, core } = r4;
  const xml = createXmlFormat(definitions);
  const invariants = createInvariants(definitions);
  let own = new Map<string, Structure>();
  let revision = 0;
  const port = {
    structure: async (canonical: string) =>
      own.get(canonical.replace(/\|.*$/, '')) ?? (await core.read(canonical.replace(/\|.*$/, ''))),
    revision: () => revision,
  };
  const profiles = createProfiles(definitions, port, { invariantTest: invariants.testOf });
  const ports = { structures: port };
  const validator = createValidator(definitions, {
    mode: 'profiles',
    invariants: invariants.at,
    profiles,
    ports,
  });
  const parse = (name: string, content: Buffer): unknown =>
    (path.extname(name) === '.xml' ? xml.parse(content) : parseJson(content)).value;

  return async (
    { file, profiles: brought = [], supporting = [] }: Case,
    content: Buffer,
  ): Promise<Issue[]> => {
    const structures = [...brought, ...supporting].flatMap((name) => {
      const text = files.get(name);
      const resource = text && (parse(name, text) as { resourceType: string; url: string });
      return resource?.resourceType === 'StructureDefinition' ? [resource] : [];
    });
    own = new Map(structures.map((one) => [one.url, compactStructure(one as never)]));
    revision++;
    try {
      return await validator.validate(parse(file, content) as Resource);
    } catch (error) {
      if (error instanceof FhirError) return error.issues;
      throw error;
    }
  };
}

function verdictOf(name: string, outcome: Outcome, issues: readonly Issue[]): CaseResult {
  const isFault = ({ severity }: { severity: string }) => severity === 'error' || severity === 'fatal';
  const expected = (outcome.issue ?? []).filter(isFault);
  const found = issues.filter(isFault);
  if (expected.length === 0) {
    return { name, isError: false, verdict: found.length > 0 ? 'false alarm' : 'agrees' };
  }
  if (found.length === 0) return { name, isError: true, verdict: 'missed' };
  const theirs = new Set(expected.flatMap(({ expression = [] }) => expression.map(comparable)));
  const isShared = found.some(({ expression = [] }) => expression.some((one) => theirs.has(comparable(one))));
  return { name, isError: true, verdict: isShared ? 'agrees' : 'elsewhere' };
}

/** An expression without what HL7 writes besides: comments, types of choices, XPath's prefixes, and the index of a first item. */
function comparable(expression: string): string {
  return expression
    .replaceAll(/\/\*.*?\*\//g, '')
    .replaceAll(/\.ofType\(\w+\)/g, '')
    .replaceAll(/\/[f?]:/g, '.')
    .replace(/^\./, '')
    .replaceAll('[0]', '');
}
