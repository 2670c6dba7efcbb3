import type { Code } from '../kit/concept.ts';
import { loinc } from '../kit/concept.ts';

/** One measured quantity of a laboratory panel, with the range that adults without an illness keep. */
export interface Analyte {
  key: string;
  code: Code;
  ucum: string;
  unit: string;
  places: number;
  low: number;
  high: number;
}

/** A panel as it is ordered. */
export interface Panel {
  key: string;
  code: Code;
  specimen: 'serum' | 'blood' | 'plasma';
  analytes: readonly Analyte[];
  priceCents: number;
}

type Range = readonly [number, number];
const analyte = (
  key: string,
  code: string,
  display: string,
  ucum: string,
  [low, high]: Range,
  places = 1,
): Analyte => ({
  key,
  code: loinc(code, display),
  ucum,
  unit: ucum,
  places,
  low,
  high,
});

export const PANELS = {
  metabolic: {
    key: 'metabolic',
    code: loinc('51990-0', 'Basic metabolic panel - Blood'),
    specimen: 'serum',
    priceCents: 38_00,
    analytes: [
      analyte('glucose', '2345-7', 'Glucose [Mass/volume] in Serum or Plasma', 'mg/dL', [70, 99], 0),
      analyte('urea', '3094-0', 'Urea nitrogen [Mass/volume] in Serum or Plasma', 'mg/dL', [7, 20], 0),
      analyte('creatinine', '2160-0', 'Creatinine [Mass/volume] in Serum or Plasma', 'mg/dL', [0.6, 1.3], 2),
      analyte('calcium', '17861-6', 'Calcium [Mass/volume] in Serum or Plasma', 'mg/dL', [8.5, 10.2]),
      analyte('sodium', '2951-2', 'Sodium [Moles/volume] in Serum or Plasma', 'mmol/L', [135, 145], 0),
      analyte('potassium', '2823-3', 'Potassium [Moles/volume] in Serum or Plasma', 'mmol/L', [3.5, 5.1]),
    ],
  },
  lipids: {
    key: 'lipids',
    code: loinc('57698-3', 'Lipid panel with direct LDL - Serum or Plasma'),
    specimen: 'serum',
    priceCents: 42_50,
    analytes: [
      analyte(
        'cholesterol',
        '2093-3',
        'Cholesterol [Mass/volume] in Serum or Plasma',
        'mg/dL',
        [125, 200],
        0,
      ),
      analyte(
        'triglycerides',
        '2571-8',
        'Triglyceride [Mass/volume] in Serum or Plasma',
        'mg/dL',
        [50, 150],
        0,
      ),
      analyte(
        'ldl',
        '18262-6',
        'Cholesterol in LDL [Mass/volume] in Serum or Plasma by Direct assay',
        'mg/dL',
        [50, 130],
        0,
      ),
      analyte('hdl', '2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma', 'mg/dL', [40, 80], 0),
    ],
  },
  a1c: {
    key: 'a1c',
    code: loinc('4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'),
    specimen: 'blood',
    priceCents: 24_00,
    analytes: [analyte('a1c', '4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood', '%', [4, 5.6], 2)],
  },
  'blood-count': {
    key: 'blood-count',
    code: loinc('58410-2', 'CBC panel - Blood by Automated count'),
    specimen: 'blood',
    priceCents: 27_75,
    analytes: [
      analyte(
        'leukocytes',
        '6690-2',
        'Leukocytes [#/volume] in Blood by Automated count',
        '10*3/uL',
        [4, 11],
        2,
      ),
      analyte('hemoglobin', '718-7', 'Hemoglobin [Mass/volume] in Blood', 'g/dL', [12, 16.5]),
      analyte(
        'hematocrit',
        '4544-3',
        'Hematocrit [Volume Fraction] of Blood by Automated count',
        '%',
        [36, 50],
      ),
      analyte('mcv', '787-2', 'MCV [Entitic volume] by Automated count', 'fL', [80, 100]),
      analyte(
        'platelets',
        '777-3',
        'Platelets [#/volume] in Blood by Automated count',
        '10*3/uL',
        [150, 400],
        0,
      ),
    ],
  },
  thyroid: {
    key: 'thyroid',
    code: loinc('3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma'),
    specimen: 'serum',
    priceCents: 31_20,
    analytes: [
      analyte('tsh', '3016-3', 'Thyrotropin [Units/volume] in Serum or Plasma', 'm[IU]/L', [0.4, 4], 2),
    ],
  },
  iron: {
    key: 'iron',
    code: loinc('2276-4', 'Ferritin [Mass/volume] in Serum or Plasma'),
    specimen: 'serum',
    priceCents: 29_00,
    analytes: [
      analyte('ferritin', '2276-4', 'Ferritin [Mass/volume] in Serum or Plasma', 'ng/mL', [20, 250]),
    ],
  },
  coagulation: {
    key: 'coagulation',
    code: loinc('6301-6', 'INR in Platelet poor plasma by Coagulation assay'),
    specimen: 'plasma',
    priceCents: 18_00,
    analytes: [
      analyte('inr', '6301-6', 'INR in Platelet poor plasma by Coagulation assay', '{INR}', [0.9, 1.2], 2),
    ],
  },
} as const satisfies Record<string, Panel>;

export type PanelKey = keyof typeof PANELS;

/** What is drawn for a panel. */
export const SPECIMENS = {
  serum: {
    code: '119364003',
    display: 'Serum specimen',
    tube: 'Serum separator tube, gold top',
    volumeMl: 5,
  },
  blood: { code: '119297000', display: 'Blood specimen', tube: 'EDTA tube, lavender top', volumeMl: 3 },
  plasma: {
    code: '119361006',
    display: 'Plasma specimen',
    tube: 'Citrate tube, light blue top',
    volumeMl: 2.7,
  },
} as const;
