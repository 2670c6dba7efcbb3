import type { AilmentKey } from './conditions.ts';
import type { Code } from '../kit/concept.ts';
import { snomed } from '../kit/concept.ts';

/** An X-ray examination that the portable units can make. */
export interface Examination {
  code: Code;
  bodySite: Code;
  views: readonly string[];
  /** Why it is asked for, what it may show, and how the report puts it. */
  reason: string;
  finding: { ailment: AilmentKey; text: string };
  unremarkable: string;
  /** The diagnosis when it shows nothing, where there is one. */
  otherwise?: AilmentKey;
  priceCents: number;
}

export const IMAGING = {
  chest: {
    code: snomed('399208008', 'Plain chest X-ray'),
    bodySite: snomed('51185008', 'Thoracic structure'),
    views: ['Chest PA', 'Chest lateral'],
    reason: 'Cough, fever and breathlessness for three days',
    finding: { ailment: 'pneumonia', text: 'Consolidation in the right lower lobe, no effusion.' },
    unremarkable: 'Lungs clear, heart of normal size, no effusion.',
    priceCents: 92_00,
  },
  ankle: {
    code: snomed('19490002', 'Ankle X-ray'),
    bodySite: snomed('344001', 'Ankle'),
    views: ['Ankle AP', 'Ankle mortise', 'Ankle lateral'],
    reason: 'Fall on the stairs, cannot bear weight',
    finding: {
      ailment: 'brokenAnkle',
      text: 'Undisplaced fracture of the lateral malleolus, mortise congruent.',
    },
    unremarkable: 'No fracture; soft tissue swelling over the lateral malleolus.',
    otherwise: 'sprainedAnkle',
    priceCents: 78_50,
  },
  wrist: {
    code: snomed('60027007', 'Radiography of wrist'),
    bodySite: snomed('8205005', 'Wrist'),
    views: ['Wrist PA', 'Wrist lateral'],
    reason: 'Fall on the outstretched hand',
    finding: { ailment: 'brokenForearm', text: 'Fracture of the distal radius with slight dorsal tilt.' },
    unremarkable: 'No fracture, carpal bones in line.',
    priceCents: 74_25,
  },
  clavicle: {
    code: snomed('168594001', 'Clavicle X-ray'),
    bodySite: snomed('51299004', 'Clavicle'),
    views: ['Clavicle AP', 'Clavicle 15 degrees cephalad'],
    reason: 'Fall from a bicycle onto the shoulder',
    finding: {
      ailment: 'brokenClavicle',
      text: 'Fracture of the middle third of the clavicle, shortened by 5 mm.',
    },
    unremarkable: 'No fracture of the clavicle; acromioclavicular joint congruent.',
    priceCents: 71_00,
  },
} as const satisfies Record<string, Examination>;

export type ImagingKey = keyof typeof IMAGING;
