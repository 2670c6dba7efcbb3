import type { Code } from '../kit/concept.ts';
import { icd10, snomed } from '../kit/concept.ts';
import type { DrugKey } from './medications.ts';

/** A long-lasting illness: whom it strikes and what treats it. */
export interface Illness {
  code: Code;
  icd: Code;
  /** Probability at the ages of 30, 50 and 75, read off in between. */
  likelihood: readonly [number, number, number];
  only?: 'female' | 'male';
  drugs: readonly DrugKey[];
  /** Laboratory panels that watch it. */
  panels: readonly ('metabolic' | 'lipids' | 'a1c' | 'blood-count' | 'thyroid' | 'iron' | 'coagulation')[];
  goal: string;
}

export const ILLNESSES = {
  hypertension: {
    code: snomed('38341003', 'Hypertensive disorder'),
    icd: icd10('I10', 'Essential (primary) hypertension'),
    likelihood: [0.1, 0.35, 0.65],
    drugs: ['amlodipine', 'hydrochlorothiazide'],
    panels: ['metabolic'],
    goal: 'Blood pressure below 130/80 mm[Hg]',
  },
  diabetes: {
    code: snomed('44054006', 'Diabetes mellitus type 2'),
    icd: icd10('E11.9', 'Type 2 diabetes mellitus without complications'),
    likelihood: [0.03, 0.15, 0.28],
    drugs: ['metformin'],
    panels: ['a1c', 'metabolic'],
    goal: 'Haemoglobin A1c below 7.0 %',
  },
  hyperlipidemia: {
    code: snomed('55822004', 'Hyperlipidemia'),
    icd: icd10('E78.5', 'Hyperlipidemia, unspecified'),
    likelihood: [0.08, 0.3, 0.45],
    drugs: ['simvastatin'],
    panels: ['lipids'],
    goal: 'LDL cholesterol below 100 mg/dL',
  },
  asthma: {
    code: snomed('195967001', 'Asthma'),
    icd: icd10('J45.909', 'Unspecified asthma, uncomplicated'),
    likelihood: [0.14, 0.1, 0.08],
    drugs: ['albuterol', 'fluticasone'],
    panels: [],
    goal: 'Reliever inhaler on no more than two days a week',
  },
  hypothyroidism: {
    code: snomed('83664006', 'Idiopathic atrophic hypothyroidism'),
    icd: icd10('E03.9', 'Hypothyroidism, unspecified'),
    likelihood: [0.03, 0.08, 0.14],
    drugs: ['levothyroxine'],
    panels: ['thyroid'],
    goal: 'TSH between 0.40 and 4.00 m[IU]/L',
  },
  anemia: {
    code: snomed('271737000', 'Anemia'),
    icd: icd10('D64.9', 'Anemia, unspecified'),
    likelihood: [0.1, 0.08, 0.12],
    drugs: ['ferrousSulfate'],
    panels: ['blood-count', 'iron'],
    goal: 'Haemoglobin above 12.0 g/dL',
  },
  fibrillation: {
    code: snomed('49436004', 'Atrial fibrillation'),
    icd: icd10('I48.91', 'Unspecified atrial fibrillation'),
    likelihood: [0, 0.02, 0.16],
    drugs: ['warfarin'],
    panels: ['coagulation'],
    goal: 'INR between 2.0 and 3.0',
  },
  heartFailure: {
    code: snomed('88805009', 'Chronic congestive heart failure'),
    icd: icd10('I50.9', 'Heart failure, unspecified'),
    likelihood: [0, 0.02, 0.12],
    drugs: ['furosemide'],
    panels: ['metabolic', 'blood-count'],
    goal: 'No gain of more than 1.5 kg in three days',
  },
  osteoporosis: {
    code: snomed('64859006', 'Osteoporosis'),
    icd: icd10('M81.0', 'Age-related osteoporosis without current pathological fracture'),
    likelihood: [0, 0.04, 0.2],
    only: 'female',
    drugs: [],
    panels: [],
    goal: 'No fall within the year',
  },
} as const satisfies Record<string, Illness>;

export type IllnessKey = keyof typeof ILLNESSES;

/** Probability of an illness at an age: the three points joined by straight lines. */
export function likelihoodAt(illness: Illness, age: number): number {
  const [young, middle, old] = illness.likelihood;
  if (age <= 30) return (young * Math.max(age, 0)) / 30;
  if (age <= 50) return young + ((middle - young) * (age - 30)) / 20;
  return middle + ((old - middle) * Math.min(age - 50, 25)) / 25;
}

/** An illness that comes and goes. */
export interface Ailment {
  code: Code;
  icd: Code;
  drug?: DrugKey;
  /** Days that it had lasted when the doctor saw it, and that it lasts from there on. */
  before: number;
  days: number;
}

export const AILMENTS = {
  bronchitis: {
    code: snomed('10509002', 'Acute bronchitis'),
    icd: icd10('J20.9', 'Acute bronchitis, unspecified'),
    drug: 'acetaminophen',
    before: 2,
    days: 14,
  },
  pharyngitis: {
    code: snomed('195662009', 'Acute viral pharyngitis'),
    icd: icd10('J02.9', 'Acute pharyngitis, unspecified'),
    drug: 'acetaminophen',
    before: 2,
    days: 8,
  },
  pneumonia: {
    code: snomed('233604007', 'Pneumonia'),
    icd: icd10('J18.9', 'Pneumonia, unspecified organism'),
    drug: 'amoxicillin',
    before: 2,
    days: 24,
  },
  sprainedAnkle: {
    code: snomed('44465007', 'Sprain of ankle'),
    icd: icd10('S93.409A', 'Sprain of unspecified ligament of unspecified ankle, initial encounter'),
    drug: 'acetaminophen',
    before: 0,
    days: 28,
  },
  brokenAnkle: {
    code: snomed('16114001', 'Fracture of ankle'),
    icd: icd10('S82.899A', 'Other fracture of unspecified lower leg, initial encounter for closed fracture'),
    drug: 'acetaminophen',
    before: 0,
    days: 70,
  },
  brokenForearm: {
    code: snomed('65966004', 'Fracture of forearm'),
    icd: icd10(
      'S52.90XA',
      'Unspecified fracture of unspecified forearm, initial encounter for closed fracture',
    ),
    drug: 'acetaminophen',
    before: 0,
    days: 60,
  },
  brokenClavicle: {
    code: snomed('58150001', 'Fracture of clavicle'),
    icd: icd10(
      'S42.009A',
      'Fracture of unspecified part of unspecified clavicle, initial encounter for closed fracture',
    ),
    drug: 'acetaminophen',
    before: 0,
    days: 60,
  },
} as const satisfies Record<string, Ailment>;

export type AilmentKey = keyof typeof AILMENTS;
