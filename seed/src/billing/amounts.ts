import type { Insurer } from '../clinic/insurers.ts';
import type { Charge } from '../patient/story.ts';

/** A charge and who pays what of it, in cents. */
export interface Line {
  charge: Charge;
  /** The patient's fixed share; falls on the first line of a visit. */
  copayCents: number;
  /** What the insurance pays. */
  benefitCents: number;
}

/** Splits the charges of one visit between insurance and patient. */
export function split(charges: readonly Charge[], insurer: Insurer): Line[] {
  return charges.map((charge, index) => {
    const copayCents = index === 0 ? Math.min(insurer.copayCents, charge.cents) : 0;
    return { charge, copayCents, benefitCents: Math.round((charge.cents - copayCents) * insurer.share) };
  });
}

/** Sum over lines, in cents. */
export const sum = (lines: readonly Line[], of: (line: Line) => number): number =>
  lines.reduce((total, line) => total + of(line), 0);

export const price = (line: Line): number => line.charge.cents;
export const benefit = (line: Line): number => line.benefitCents;
