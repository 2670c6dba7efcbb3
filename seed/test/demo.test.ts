import { beforeAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Resource } from '@medplum/fhirtypes';
import { createValidator } from '@maxray/server/src/validation/createValidator.ts';
import type { Validator } from '@maxray/server/src/validation/validator.ts';
import { r4Definitions } from '@maxray/server/test/support/definitions.ts';
import { issuesNow } from '@maxray/server/test/support/validation.ts';
import type { DemoOptions, TransactionBundle } from '../src/index.ts';
import { demoClinic } from '../src/index.ts';

/** What the last table of the design names, and what of R4 belongs to it. */
const NAMED_BY_DESIGN = `
  Patient Practitioner PractitionerRole CareTeam Location
  Condition AllergyIntolerance Procedure Observation DocumentReference
  Schedule Slot Appointment Encounter Communication ServiceRequest Task
  Device ImagingStudy DiagnosticReport Endpoint
  MedicationRequest MedicationDispense Medication SupplyDelivery
  PlanDefinition ActivityDefinition Specimen
  ChargeItem ChargeItemDefinition Account Invoice PaymentNotice Coverage CoverageEligibilityRequest CoverageEligibilityResponse
  Claim ClaimResponse ExplanationOfBenefit
  Subscription CommunicationRequest AuditEvent Provenance Measure MeasureReport`;
const BESIDES = `
  Organization HealthcareService Questionnaire QuestionnaireResponse Immunization CarePlan Goal Consent Binary
  Flag RelatedPerson List Composition Group NutritionOrder EpisodeOfCare`;
const words = (text: string): string[] => text.trim().split(/\s+/);

const texts = (options?: DemoOptions): string[] =>
  [...demoClinic(options)].map((bundle) => JSON.stringify(bundle));
const SOURCE = fileURLToPath(new URL('../src', import.meta.url));

let bundles: TransactionBundle[];
let resources: Resource[];

beforeAll(() => {
  bundles = texts().map((text) => JSON.parse(text) as TransactionBundle);
  resources = bundles.flatMap(({ entry }) => entry.map(({ resource }) => resource));
});

const all = <T extends Resource>(type: T['resourceType']): T[] =>
  resources.filter((resource): resource is T => resource.resourceType === type);

describe('the demo clinic', () => {
  test.each(['20', '1'])('has every resource type that the design names, with %s patients', (patients) => {
    const made = [...demoClinic({ patients: Number(patients) })];
    const types = new Set(
      made.flatMap(({ entry }) => entry.map(({ resource }) => resource.resourceType as string)),
    );
    const missing = words(NAMED_BY_DESIGN + BESIDES).filter((type) => !types.has(type));
    expect(missing).toEqual([]);
  });

  test('is small by default', () => {
    expect(bundles).toHaveLength(22);
    expect(all('Patient')).toHaveLength(20);
    expect(resources.length).toBeGreaterThan(1500);
    expect(resources.length).toBeLessThan(3000);
  });

  test('is the same to the byte each time, and another one with another seed', () => {
    const first = texts();
    expect(texts()).toEqual(first);
    expect(texts({ seed: 2 })[1]).not.toBe(first[1]);
  });

  test('has the same patient 3 however many there are', () => {
    expect(texts({ patients: 3 })[3]).toBe(texts({ patients: 40 })[3]);
  });

  test('grows to any size', () => {
    const ids = texts({ patients: 120 }).flatMap((text) => text.match(/"url":"Patient\/[^"]+/g) ?? []);
    expect(new Set(ids).size).toBe(120);
  });

  test('refuses a size and a date that mean nothing', () => {
    expect(() => [...demoClinic({ patients: -1 })]).toThrow(RangeError);
    expect(() => [...demoClinic({ until: '2026-13-45' })]).toThrow(RangeError);
  });

  test('needs no clock, no chance but its seed, and no files', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const impure = files.filter((file) =>
      /Date\.now|new Date\(\)|Math\.random|node:|process\.|fetch\(/.test(
        readFileSync(path.join(SOURCE, file), 'utf8'),
      ),
    );
    expect(files.length).toBeGreaterThan(20);
    expect(impure).toEqual([]);
  });
});

describe('its bundles', () => {
  let validator: Validator;
  beforeAll(async () => {
    validator = createValidator(await r4Definitions());
  });

  test('are valid, and so is each resource in them', () => {
    const faults = bundles.flatMap((bundle) => [
      ...issuesNow(validator, bundle),
      ...bundle.entry.flatMap(({ resource }) => issuesNow(validator, resource)),
    ]);
    expect(faults).toEqual([]);
  });

  test('put each resource once, at its own id', () => {
    const entries = bundles.flatMap(({ entry }) => entry);
    for (const { request, resource } of entries) {
      expect(request).toEqual({ method: 'PUT', url: `${resource.resourceType}/${resource.id}` });
      expect(resource.id).toMatch(/^[A-Za-z0-9.-]{1,64}$/);
    }
    expect(new Set(entries.map(({ request }) => request.url)).size).toBe(entries.length);
  });

  test('refer to nothing that is not in them or in an earlier one', () => {
    const known = new Set<string>();
    const dangling: string[] = [];
    for (const bundle of bundles) {
      for (const { request } of bundle.entry) known.add(request.url);
      for (const [, target] of JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)) {
        if (!known.has(target as string)) dangling.push(target as string);
      }
    }
    expect(dangling).toEqual([]);
  });

  test('keep trailing zeros of decimals', () => {
    const text = texts().join('');
    expect(text).toContain('"value":0.50,');
    expect(text).toMatch(/"value":\d+\.\d0,"currency":"USD"/);
    expect(text).toMatch(/"code":"39156-5"[^\n]{0,900}?"valueQuantity":\{"value":\d\d\.\d\d,/);
  });
});

describe('its records', () => {
  test('tie what is done in care to a visit', () => {
    const types = words(
      'Observation Condition MedicationRequest ServiceRequest DiagnosticReport Immunization ImagingStudy Procedure Task',
    );
    const loose = resources.filter(
      (resource) => types.includes(resource.resourceType) && !('encounter' in resource),
    );
    expect(loose).toEqual([]);
  });

  test('have visits that end after they begin, within the year', () => {
    for (const { period } of all('Encounter') as { period: { start: string; end: string } }[]) {
      expect(Date.parse(period.start)).toBeLessThan(Date.parse(period.end));
      expect(Date.parse(period.start)).toBeGreaterThan(Date.parse('2025-06-30'));
      expect(Date.parse(period.end)).toBeLessThan(Date.parse('2026-07-01'));
    }
  });

  test('order, take and report in this order', () => {
    const byId = new Map(resources.map((one) => [`${one.resourceType}/${one.id}`, one]));
    const reports = all('DiagnosticReport') as {
      basedOn: { reference: string }[];
      effectiveDateTime: string;
      issued: string;
    }[];
    for (const report of reports) {
      const order = byId.get(report.basedOn[0]?.reference ?? '') as unknown as { authoredOn: string };
      const times = [order.authoredOn, report.effectiveDateTime, report.issued].map((time) =>
        Date.parse(time),
      );
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
    expect(reports.length).toBeGreaterThan(20);
  });

  test('show the illness in the laboratory: raised A1c at the first visit of people with diabetes', () => {
    const first = all('Observation').find((one) => {
      const { code, subject } = one as {
        code: { coding: { code: string }[] };
        subject: { reference: string };
      };
      return code.coding[0]?.code === '4548-4' && subject.reference === 'Patient/demo-patient-01';
    }) as unknown as { valueQuantity: { value: number }; interpretation: { coding: { code: string }[] }[] };
    expect(first.valueQuantity.value).toBeGreaterThan(6.5);
    expect(first.interpretation[0]?.coding[0]?.code).toBe('H');
  });

  test('split each bill without losing a cent', () => {
    const sums = all('Invoice') as {
      lineItem: { priceComponent: { amount: { value: number } }[] }[];
      totalNet: { value: number };
    }[];
    for (const { lineItem, totalNet } of sums) {
      const cents = lineItem
        .flatMap((line) => line.priceComponent)
        .map(({ amount }) => Math.round(amount.value * 100));
      expect(cents.reduce((total, one) => total + one, 0)).toBe(Math.round(totalNet.value * 100));
    }
    expect(sums.length).toBeGreaterThan(20);
  });
});
