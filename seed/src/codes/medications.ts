import type { Code } from '../kit/concept.ts';
import { hcpcs, house, rxnorm, snomed } from '../kit/concept.ts';

/** A product of the clinic's formulary. */
export interface Drug {
  key: string;
  code: Code;
  form: Code;
  route: Code;
  /** One dose: how much in which UCUM unit, and how often in a day. */
  dose: { value: number; places: number; unit: string; ucum: string; timesDaily: number; asNeeded?: true };
  instruction: string;
  /** Units dispensed at a time and the days that they last. */
  supply: { units: number; days: number; ucum: string; unit: string };
  priceCents: number;
}

const TABLET = snomed('385055001', 'Tablet');
const CAPSULE = snomed('385049006', 'Capsule');
const INHALER = snomed('421606006', 'Aerosol spray');
const ORAL = snomed('26643006', 'Oral route');
const INHALED = snomed('447694001', 'Respiratory tract route');

const TABLET_UNIT = { unit: 'tablet', ucum: '{tbl}' };

/** A tablet taken regularly, dispensed for `days`. */
function tablet(
  key: string,
  code: Code,
  timesDaily: number,
  instruction: string,
  priceCents: number,
  days = 90,
): Drug {
  return {
    key,
    code,
    form: TABLET,
    route: ORAL,
    dose: { value: 1, places: 0, timesDaily, ...TABLET_UNIT },
    instruction,
    supply: { units: timesDaily * days, days, ...TABLET_UNIT },
    priceCents,
  };
}

export const DRUGS = {
  amlodipine: tablet(
    'amlodipine',
    rxnorm('197361', 'Amlodipine 5 MG Oral Tablet'),
    1,
    'One tablet in the morning',
    12_60,
  ),
  hydrochlorothiazide: {
    ...tablet(
      'hydrochlorothiazide',
      rxnorm('310798', 'Hydrochlorothiazide 25 MG Oral Tablet'),
      1,
      'Half a tablet in the morning',
      9_90,
    ),
    dose: { value: 0.5, places: 2, timesDaily: 1, ...TABLET_UNIT },
    supply: { units: 45, days: 90, ...TABLET_UNIT },
  },
  metformin: tablet(
    'metformin',
    rxnorm('860975', '24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet'),
    2,
    'One tablet with breakfast and one with dinner',
    14_40,
  ),
  simvastatin: tablet(
    'simvastatin',
    rxnorm('312961', 'Simvastatin 20 MG Oral Tablet'),
    1,
    'One tablet in the evening',
    11_25,
  ),
  levothyroxine: tablet(
    'levothyroxine',
    rxnorm('966222', 'Levothyroxine Sodium 0.075 MG Oral Tablet'),
    1,
    'One tablet on an empty stomach',
    16_20,
  ),
  ferrousSulfate: tablet(
    'ferrous-sulfate',
    rxnorm('310325', 'ferrous sulfate 325 MG Oral Tablet'),
    1,
    'One tablet every day',
    7_50,
    60,
  ),
  warfarin: tablet(
    'warfarin',
    rxnorm('855332', 'Warfarin Sodium 5 MG Oral Tablet'),
    1,
    'One tablet in the evening, as the INR tells',
    10_80,
    30,
  ),
  furosemide: tablet(
    'furosemide',
    rxnorm('313988', 'Furosemide 40 MG Oral Tablet'),
    1,
    'One tablet in the morning',
    8_40,
  ),
  acetaminophen: {
    ...tablet(
      'acetaminophen',
      rxnorm('313782', 'Acetaminophen 325 MG Oral Tablet'),
      4,
      'Two tablets every six hours when in pain',
      6_30,
      5,
    ),
    dose: { value: 2, places: 0, timesDaily: 4, asNeeded: true, ...TABLET_UNIT },
    supply: { units: 40, days: 5, ...TABLET_UNIT },
  },
  amoxicillin: {
    ...tablet(
      'amoxicillin',
      rxnorm('308182', 'Amoxicillin 250 MG Oral Capsule'),
      3,
      'One capsule three times a day',
      9_45,
      7,
    ),
    form: CAPSULE,
    dose: { value: 1, places: 0, timesDaily: 3, unit: 'capsule', ucum: '{capsule}' },
    supply: { units: 21, days: 7, unit: 'capsule', ucum: '{capsule}' },
  },
  albuterol: {
    ...tablet(
      'albuterol',
      rxnorm('745679', '200 ACTUAT Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler'),
      4,
      'Two puffs when short of breath',
      38_75,
      30,
    ),
    form: INHALER,
    route: INHALED,
    dose: { value: 2, places: 0, timesDaily: 4, unit: 'puff', ucum: '{puff}', asNeeded: true },
    supply: { units: 1, days: 30, unit: 'inhaler', ucum: '{inhaler}' },
  },
  fluticasone: {
    ...tablet(
      'fluticasone',
      rxnorm('895994', '120 ACTUAT Fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler'),
      2,
      'Two puffs in the morning and in the evening',
      64_90,
      30,
    ),
    form: INHALER,
    route: INHALED,
    dose: { value: 2, places: 0, timesDaily: 2, unit: 'puff', ucum: '{puff}' },
    supply: { units: 1, days: 30, unit: 'inhaler', ucum: '{inhaler}' },
  },
} as const satisfies Record<string, Drug>;

export type DrugKey = keyof typeof DRUGS;

/** Handling by the pharmacy, charged with each dispense. */
export const DISPENSING_FEE = { code: house('charge', 'dispensing', 'Dispensing fee'), cents: 4_50 };
export const PORTABLE_XRAY_TRANSPORT = hcpcs(
  'R0070',
  'Transportation of portable x-ray equipment and personnel to home or nursing home, per trip, one patient seen',
);
