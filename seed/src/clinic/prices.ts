import type { ChargeItemDefinition, Resource } from '@medplum/fhirtypes';
import { IMAGING } from '../codes/imaging.ts';
import type { Drug, DrugKey } from '../codes/medications.ts';
import { DRUGS } from '../codes/medications.ts';
import { PANELS } from '../codes/panels.ts';
import type { Code } from '../kit/concept.ts';
import { concept, hl7 } from '../kit/concept.ts';
import { money } from '../kit/decimal.ts';
import { canonical } from './catalogue.ts';
import { medication } from './formulary.ts';
import { EMERGENCY_FEE, VISIT_FEES, type Fee } from './fees.ts';

const IN_FORCE = '2025-01-15';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';

/** What is charged for what: by these the bots of billing make ChargeItems. */
export function prices(): Resource[] {
  return [
    priceOf('visit', 'Encounter', VISIT_FEES.clinic, "class.code = 'AMB'"),
    priceOf('teleconsultation', 'Encounter', VISIT_FEES.virtual, "class.code = 'VR'"),
    priceOf('emergency-response', 'Encounter', EMERGENCY_FEE, "class.code = 'EMER'"),
    ...Object.entries(IMAGING).map(([key, { code, priceCents: cents }]) =>
      priceOf(`xray-${key}`, 'ImagingStudy', { code, cents }, hasCode('procedureCode', code)),
    ),
    ...Object.values(PANELS).map(({ key, code, priceCents: cents }) =>
      priceOf(`lab-${key}`, 'DiagnosticReport', { code, cents }, hasCode('code', code)),
    ),
    ...Object.entries(DRUGS).map(([key, { code, priceCents: cents }]: [string, Drug]) => {
      const { reference } = medication(key as DrugKey);
      const isDrug = `medicationReference.reference = '${reference}'`;
      return priceOf(`drug-${key}`, 'MedicationDispense', { code, cents }, isDrug);
    }),
  ];
}

const hasCode = (element: string, { system, code }: Code): string =>
  `${element}.coding.where(system = '${system}' and code = '${code}').exists()`;

function priceOf(key: string, type: string, { code, cents }: Fee, applies: string): ChargeItemDefinition {
  const focus = hl7('usage-context-type', 'focus', 'Clinical Focus');
  return {
    resourceType: 'ChargeItemDefinition',
    id: `demo-${key}`,
    url: canonical('ChargeItemDefinition', key),
    version: '1.0.0',
    title: code.display,
    status: 'active',
    effectivePeriod: { start: IN_FORCE },
    code: concept(code),
    useContext: [{ code: focus, valueCodeableConcept: { coding: [{ system: RESOURCE_TYPES, code: type }] } }],
    applicability: [{ language: 'text/fhirpath', expression: applies }],
    propertyGroup: [{ priceComponent: [{ type: 'base', amount: money(cents) }] }],
  };
}
