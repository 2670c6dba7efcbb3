/** System of the codes of measurements. */
export const LOINC = 'http://loinc.org';

export interface Measurement {
  weight: number;
  category: 'vital-signs' | 'laboratory' | 'survey' | 'exam';
  loinc: string;
  display: string;
  text: string;
  unit: string;
  ucum: string;
  low: number;
  high: number;
  decimals: number;
}

const measurement = (
  weight: number,
  category: Measurement['category'],
  loinc: string,
  display: string,
  text: string,
  [unit, ucum]: [string, string],
  [low, high, decimals]: [number, number, number],
): Measurement => ({ weight, category, loinc, display, text, unit, ucum, low, high, decimals });

export const MEASUREMENTS: readonly Measurement[] = [
  measurement(210, 'vital-signs', '8867-4', 'Heart rate', 'Pulse', ['beats/minute', '/min'], [60, 100, 0]),
  measurement(
    150,
    'vital-signs',
    '9279-1',
    'Respiratory rate',
    'Breathing',
    ['breaths/minute', '/min'],
    [12, 20, 0],
  ),
  measurement(
    150,
    'vital-signs',
    '2708-6',
    'Oxygen saturation in Arterial blood',
    'SpO2',
    ['%', '%'],
    [94, 100, 0],
  ),
  measurement(120, 'vital-signs', '8310-5', 'Body temperature', 'Temperature', ['C', 'Cel'], [36.1, 37.8, 1]),
  measurement(80, 'vital-signs', '29463-7', 'Body weight', 'Weight', ['kg', 'kg'], [48, 96, 1]),
  measurement(
    50,
    'vital-signs',
    '39156-5',
    'Body mass index (BMI) [Ratio]',
    'BMI',
    ['kg/m2', 'kg/m2'],
    [18.5, 24.9, 2],
  ),
  measurement(40, 'vital-signs', '8302-2', 'Body height', 'Height', ['cm', 'cm'], [150, 195, 1]),
  measurement(
    45,
    'laboratory',
    '2339-0',
    'Glucose [Mass/volume] in Blood',
    'Glucose',
    ['mg/dL', 'mg/dL'],
    [70, 99, 1],
  ),
  measurement(
    40,
    'laboratory',
    '718-7',
    'Hemoglobin [Mass/volume] in Blood',
    'Hb',
    ['g/dL', 'g/dL'],
    [12, 17.5, 1],
  ),
  measurement(
    30,
    'laboratory',
    '2160-0',
    'Creatinine [Mass/volume] in Serum or Plasma',
    'Creatinine',
    ['mg/dL', 'mg/dL'],
    [0.6, 1.3, 2],
  ),
  measurement(
    25,
    'laboratory',
    '2951-2',
    'Sodium [Moles/volume] in Serum or Plasma',
    'Sodium',
    ['mmol/L', 'mmol/L'],
    [135, 145, 0],
  ),
  measurement(
    25,
    'laboratory',
    '2823-3',
    'Potassium [Moles/volume] in Serum or Plasma',
    'Potassium',
    ['mmol/L', 'mmol/L'],
    [3.5, 5.1, 2],
  ),
  measurement(
    16,
    'laboratory',
    '4548-4',
    'Hemoglobin A1c/Hemoglobin.total in Blood',
    'HbA1c',
    ['%', '%'],
    [4, 5.6, 1],
  ),
  measurement(
    10,
    'laboratory',
    '1988-5',
    'C reactive protein [Mass/volume] in Serum or Plasma',
    'CRP',
    ['mg/L', 'mg/L'],
    [0, 8, 1],
  ),
  measurement(
    6,
    'laboratory',
    '3016-3',
    'Thyrotropin [Units/volume] in Serum or Plasma',
    'TSH',
    ['mIU/L', 'm[IU]/L'],
    [0.4, 4.2, 3],
  ),
  measurement(
    3.5,
    'laboratory',
    '10839-9',
    'Troponin I.cardiac [Mass/volume] in Serum or Plasma',
    'Troponin I',
    ['ng/mL', 'ng/mL'],
    [0, 0.04, 3],
  ),
  measurement(
    20,
    'survey',
    '72514-3',
    'Pain severity - 0-10 verbal numeric rating [Score] - Reported',
    'Pain',
    ['{score}', '{score}'],
    [0, 10, 0],
  ),
  measurement(12, 'exam', '9269-2', 'Glasgow coma score total', 'GCS', ['{score}', '{score}'], [13, 15, 0]),
  measurement(
    0.5,
    'laboratory',
    '5671-3',
    'Lead [Mass/volume] in Blood',
    'Lead',
    ['ug/dL', 'ug/dL'],
    [0, 5, 1],
  ),
  measurement(
    0.5,
    'laboratory',
    '2524-7',
    'Lactate [Moles/volume] in Serum or Plasma',
    'Lactate',
    ['mmol/L', 'mmol/L'],
    [0.5, 2.2, 1],
  ),
  measurement(
    0.5,
    'laboratory',
    '48065-7',
    'Fibrin D-dimer FEU [Mass/volume] in Platelet poor plasma',
    'D-dimer',
    ['ng/mL', 'ng/mL'],
    [0, 500, 0],
  ),
];

/** States of an observation: nearly all are final. */
export const OBSERVATION_STATUSES = [
  { weight: 900, status: 'final' },
  { weight: 45, status: 'amended' },
  { weight: 35, status: 'preliminary' },
  { weight: 15, status: 'corrected' },
  { weight: 5, status: 'entered-in-error' },
] as const;
