/** What the generated records are about. Weights make frequent and rare codes, as searches meet them. */

export interface Measurement {
  weight: number;
  category: 'vital-signs' | 'laboratory';
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
];

export const DIAGNOSES = [
  { weight: 30, snomed: '38341003', icd10: 'I10', display: 'Hypertensive disorder, systemic arterial' },
  { weight: 22, snomed: '44054006', icd10: 'E11.9', display: 'Diabetes mellitus type 2' },
  { weight: 16, snomed: '195967001', icd10: 'J45.909', display: 'Asthma' },
  { weight: 12, snomed: '233604007', icd10: 'J18.9', display: 'Pneumonia' },
  { weight: 8, snomed: '13645005', icd10: 'J44.9', display: 'Chronic obstructive lung disease' },
  { weight: 6, snomed: '263102004', icd10: 'S52.509A', display: 'Fracture of distal end of radius' },
  { weight: 4, snomed: '84114007', icd10: 'I50.9', display: 'Heart failure' },
  { weight: 2, snomed: '56717001', icd10: 'A15.0', display: 'Tuberculosis' },
] as const;

export const VISIT_KINDS = [
  { weight: 5, code: 'AMB', display: 'ambulatory', snomed: '185349003', text: 'Encounter for check up' },
  {
    weight: 4,
    code: 'VR',
    display: 'virtual',
    snomed: '448337001',
    text: 'Telemedicine consultation with patient',
  },
  { weight: 2, code: 'HH', display: 'home health', snomed: '439708006', text: 'Home visit' },
  { weight: 1, code: 'EMER', display: 'emergency', snomed: '50849002', text: 'Emergency room admission' },
] as const;

export const GIVEN_FEMALE = [
  'Amara',
  'Birgit',
  'Chiara',
  'Daniela',
  'Elif',
  'Fatima',
  'Greta',
  'Hanna',
  'Ines',
  'Jana',
  'Karin',
  'Léa',
  'Mónica',
  'Noor',
  'Olga',
  'Priya',
] as const;
export const GIVEN_MALE = [
  'Anton',
  'Bogdan',
  'Carlos',
  'Deniz',
  'Emil',
  'Felix',
  'Goran',
  'Hugo',
  'Ivan',
  'Jörg',
  'Kofi',
  'Luca',
  'Mateo',
  'Nils',
  'Omar',
  'Pavel',
] as const;
export const FAMILY = [
  'Abebe',
  'Baumann',
  'Castellanos',
  'Demir',
  'Eriksson',
  'Ferrari',
  'García',
  'Haddad',
  'Ivanova',
  'Jansen',
  'Kowalski',
  'Lindqvist',
  'Müller',
  'Nguyen',
  "O'Brien",
  'Petrov',
  'Quispe',
  'Rossi',
  'Schneider',
  'Tanaka',
  'Usman',
  'Varga',
  'Weber',
  'Yılmaz',
] as const;
export const STREETS = [
  'Mill Lane',
  'Station Road',
  'Harbour Street',
  'Linden Avenue',
  'Orchard Way',
  'Quarry Hill',
  'Old Market',
  'River Walk',
] as const;
export const PLACES = [
  {
    city: 'Springfield',
    district: 'Hampden',
    state: 'MA',
    postalCode: '01103',
    latitude: 42.1015,
    longitude: -72.5898,
  },
  {
    city: 'Worcester',
    district: 'Worcester',
    state: 'MA',
    postalCode: '01608',
    latitude: 42.2626,
    longitude: -71.8023,
  },
  {
    city: 'Lowell',
    district: 'Middlesex',
    state: 'MA',
    postalCode: '01852',
    latitude: 42.6334,
    longitude: -71.3162,
  },
  {
    city: 'Brockton',
    district: 'Plymouth',
    state: 'MA',
    postalCode: '02301',
    latitude: 42.0834,
    longitude: -71.0184,
  },
] as const;
export const LANGUAGES = [
  { code: 'en-US', display: 'English (United States)' },
  { code: 'es', display: 'Spanish' },
  { code: 'de', display: 'German' },
  { code: 'pt', display: 'Portuguese' },
] as const;
export const RACES = [
  { code: '2106-3', display: 'White' },
  { code: '2054-5', display: 'Black or African American' },
  { code: '2028-9', display: 'Asian' },
] as const;
