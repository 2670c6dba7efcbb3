import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { StructureDefinition } from '@medplum/fhirtypes';
import type { Resource } from '../../../src/fhir/resource.ts';
import { compactStructure, type Structure } from '../../../src/fhir/structures/structure.ts';
import { createXmlFormat } from '../../../src/fhir/xml/xmlFormat.ts';
import { archivedFiles, sharedPath } from '../../support/sharedData.ts';
import { igPackage } from './igPackage.ts';
import { errorsOf, openR4, profileValidator, type R4 } from './support.ts';

type Outcome = { errorCount: number } | string;
interface Case {
  name: string;
  file: string;
  java?: Outcome;
  /** A profile to validate against, with what that brings. */
  profile?: { source: string; java: Outcome };
  /** Profiles, and other definitions, that are known. */
  profiles?: string[];
  supporting?: string[];
  packages?: string[];
}

/**
 * Codes of a package that is not loaded here.
 */
const OTHERS_MATTER = ['mimic'];
const US_CORE = 'hl7.fhir.us.core#3.1';
const FOLDER = 'validator/';

const archive = sharedPath('data/fhir-validator-r4-cases.tgz');
const files = new Map(
  archive === undefined
    ? []
    : [...archivedFiles(archive)].map(({ name, content }) => [name, content] as const),
);
const usCore = igPackage('hl7.fhir.us.core-3.1.1');
const cases = files.size === 0 || usCore === undefined ? [] : profileCases();
const describeData = cases.length > 0 ? describe : describe.skip;

let r4: R4;
beforeAll(async () => {
  r4 = await openR4();
});
afterAll(() => r4.remove());

function profileCases(): Case[] {
  const manifest = JSON.parse(file('manifest.json').toString()) as { 'test-cases': Case[] };
  return manifest['test-cases'].filter(
    (one) =>
      (one.profile ?? one.profiles ?? one.supporting ?? one.packages) && !OTHERS_MATTER.includes(one.name),
  );
}

function file(name: string): Buffer {
  const content = files.get(FOLDER + name) ?? files.get(`./${FOLDER}${name}`);
  if (content === undefined) throw new Error(`${name} is not in the cases`);
  return content;
}

function parsed(name: string): Resource {
  if (name.endsWith('.json')) return JSON.parse(file(name).toString()) as Resource;
  return createXmlFormat(r4.definitions).parse(file(name)).value as Resource;
}

/** How many errors HL7's validator finds; undefined where the cases do not say. */
function expectedErrors(outcome: Outcome): number | undefined {
  if (typeof outcome !== 'string') return outcome.errorCount;
  const found = files.get(`${FOLDER}outcomes/${outcome}`) ?? files.get(`./${FOLDER}outcomes/${outcome}`);
  if (found === undefined) return undefined;
  const { issue = [] } = JSON.parse(found.toString()) as { issue?: { severity: string }[] };
  return issue.filter(({ severity }) => severity === 'error' || severity === 'fatal').length;
}

describeData("HL7's validator cases with profiles", () => {
  test.each(cases)(
    '$name',
    async ({ file: name, java, profile, profiles = [], supporting = [], packages = [] }) => {
      const sources = [...supporting, ...profiles, ...(profile ? [profile.source] : [])];
      const own = new Map<string, Structure>();
      if (packages.some((one) => one.startsWith(US_CORE)))
        usCore!.structures.forEach((one, url) => own.set(url, one));
      for (const source of sources) {
        const definition = compactStructure(parsed(source) as unknown as StructureDefinition);
        own.set(definition.url, definition);
      }
      const asked = profile ? { profiles: [String(parsed(profile.source).url)] } : {};
      const errors = errorsOf(await profileValidator(r4, own).validate(parsed(name), asked));
      const wanted = expectedErrors((profile?.java ?? java)!);
      if (wanted !== undefined)
        expect({ name, errors, found: errors.length > 0 }).toEqual({ name, errors, found: wanted > 0 });
    },
  );

  test('are there', () => {
    expect(cases.length).toBeGreaterThan(25);
  });
});
