import type { Code } from '../kit/concept.ts';
import { house } from '../kit/concept.ts';

/** What something costs. */
export interface Fee {
  code: Code;
  cents: number;
}

export const VISIT_FEES = {
  clinic: { code: house('charge', 'visit', 'Visit at the clinic'), cents: 128_00 },
  virtual: { code: house('charge', 'teleconsultation', 'Teleconsultation'), cents: 84_50 },
} as const satisfies Record<string, Fee>;

export const EMERGENCY_FEE: Fee = {
  code: house('charge', 'emergency-response', 'Emergency response'),
  cents: 412_00,
};
