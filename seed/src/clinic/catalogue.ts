import type {
  ActivityDefinition,
  ObservationDefinition,
  PlanDefinition,
  Resource,
  SpecimenDefinition,
} from '@medplum/fhirtypes';
import type { Panel } from '../codes/panels.ts';
import { PANELS, SPECIMENS } from '../codes/panels.ts';
import { IMAGING } from '../codes/imaging.ts';
import { concept, hl7, HOUSE, quantity, snomed } from '../kit/concept.ts';

const PUBLISHED = '2025-01-15';
const PUBLISHER = 'MaxRay Demo Clinic';

/** Canonical address of one of the clinic's own definitions. */
export const canonical = (type: string, key: string): string => `${HOUSE}/${type}/${key}`;

/** What can be ordered from laboratory and radiology, and the protocols that bundle orders. */
export function catalogue(): Resource[] {
  const panels: Panel[] = Object.values(PANELS);
  return [
    ...panels.map(testOf),
    ...panels.flatMap((panel) => panel.analytes.slice(0, 1).map((one) => observationOf(panel, one))),
    ...(['serum', 'blood', 'plasma'] as const).map(specimenOf),
    ...Object.entries(IMAGING).map(([key, study]) => examinationOf(key, study.code.display)),
    diabetesProtocol(),
    fallProtocol(),
  ];
}

const publication = (type: string, key: string) => ({
  url: canonical(type, key),
  version: '1.0.0',
  status: 'active' as const,
  date: PUBLISHED,
  publisher: PUBLISHER,
});

function testOf(panel: Panel): ActivityDefinition {
  return {
    resourceType: 'ActivityDefinition',
    id: `demo-lab-${panel.key}`,
    ...publication('ActivityDefinition', `lab-${panel.key}`),
    name: `Lab${panel.key.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}`,
    title: panel.code.display,
    topic: [concept(hl7('definition-topic', 'assessment', 'Assessment'))],
    kind: 'ServiceRequest',
    intent: 'order',
    code: concept(panel.code),
    specimenRequirement: [{ reference: `SpecimenDefinition/demo-${panel.specimen}` }],
    observationRequirement: [{ reference: `ObservationDefinition/demo-${panel.analytes[0]?.key}` }],
  };
}

function observationOf(panel: Panel, one: Panel['analytes'][number]): ObservationDefinition {
  return {
    resourceType: 'ObservationDefinition',
    id: `demo-${one.key}`,
    category: [concept(hl7('observation-category', 'laboratory', 'Laboratory'))],
    code: concept(one.code),
    permittedDataType: ['Quantity'],
    preferredReportName: panel.code.display,
    quantitativeDetails: {
      unit: { coding: [{ system: 'http://unitsofmeasure.org', code: one.ucum }], text: one.unit },
      decimalPrecision: one.places,
    },
    qualifiedInterval: [
      {
        category: 'reference',
        range: {
          low: quantity(one.low, one.ucum, one.places, one.unit),
          high: quantity(one.high, one.ucum, one.places, one.unit),
        },
      },
    ],
  };
}

function specimenOf(key: keyof typeof SPECIMENS): SpecimenDefinition {
  const { code, display, tube, volumeMl } = SPECIMENS[key];
  return {
    resourceType: 'SpecimenDefinition',
    id: `demo-${key}`,
    typeCollected: concept(snomed(code, display)),
    typeTested: [
      {
        preference: 'preferred',
        container: { description: tube, minimumVolumeQuantity: quantity(volumeMl, 'mL', 1) },
        handling: [{ maxDuration: { value: 4, unit: 'h', system: 'http://unitsofmeasure.org', code: 'h' } }],
      },
    ],
  };
}

function examinationOf(key: string, title: string): ActivityDefinition {
  const study = IMAGING[key as keyof typeof IMAGING];
  return {
    resourceType: 'ActivityDefinition',
    id: `demo-xray-${key}`,
    ...publication('ActivityDefinition', `xray-${key}`),
    name: `Xray${key[0]?.toUpperCase()}${key.slice(1)}`,
    title,
    kind: 'ServiceRequest',
    intent: 'order',
    code: concept(study.code),
    bodySite: [concept(study.bodySite)],
    location: { reference: 'Location/demo-ambulance-base' },
  };
}

function diabetesProtocol(): PlanDefinition {
  return {
    resourceType: 'PlanDefinition',
    id: 'demo-diabetes-care',
    ...publication('PlanDefinition', 'diabetes-care'),
    name: 'DiabetesCare',
    title: 'Type 2 diabetes: every quarter',
    type: concept(hl7('plan-definition-type', 'order-set', 'Order Set')),
    goal: [{ description: { text: 'Haemoglobin A1c below 7.0 %' } }],
    action: ['a1c', 'metabolic', 'lipids'].map((key) => ({
      title: PANELS[key as 'a1c'].code.display,
      code: [concept(PANELS[key as 'a1c'].code)],
      definitionCanonical: canonical('ActivityDefinition', `lab-${key}`),
    })),
  };
}

function fallProtocol(): PlanDefinition {
  return {
    resourceType: 'PlanDefinition',
    id: 'demo-fall-at-home',
    ...publication('PlanDefinition', 'fall-at-home'),
    name: 'FallAtHome',
    title: 'After a fall: X-ray where the patient is',
    type: concept(hl7('plan-definition-type', 'clinical-protocol', 'Clinical Protocol')),
    action: [
      { id: 'call', title: 'Take the call and send an ambulance' },
      {
        title: 'X-ray of the painful part',
        definitionCanonical: canonical('ActivityDefinition', 'xray-ankle'),
        relatedAction: [{ actionId: 'call', relationship: 'after-end' }],
      },
    ],
  };
}
