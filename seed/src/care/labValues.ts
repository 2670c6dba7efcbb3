import type { IllnessKey } from '../codes/conditions.ts';
import type { Analyte } from '../codes/panels.ts';
import type { Story } from '../patient/story.ts';

/** Mean and spread of an analyte when an illness is there, at the start and at the end of a year of treatment. */
interface Shift {
  illness: IllnessKey;
  from: number;
  to: number;
  spread: number;
}

const SHIFTS: Readonly<Record<string, Shift>> = {
  a1c: { illness: 'diabetes', from: 8.2, to: 7.1, spread: 0.3 },
  glucose: { illness: 'diabetes', from: 168, to: 132, spread: 12 },
  creatinine: { illness: 'heartFailure', from: 1.42, to: 1.36, spread: 0.1 },
  ldl: { illness: 'hyperlipidemia', from: 164, to: 96, spread: 8 },
  cholesterol: { illness: 'hyperlipidemia', from: 248, to: 176, spread: 9 },
  triglycerides: { illness: 'hyperlipidemia', from: 212, to: 158, spread: 14 },
  hdl: { illness: 'hyperlipidemia', from: 38, to: 44, spread: 3 },
  tsh: { illness: 'hypothyroidism', from: 6.8, to: 2.4, spread: 0.5 },
  hemoglobin: { illness: 'anemia', from: 10.1, to: 12.3, spread: 0.3 },
  hematocrit: { illness: 'anemia', from: 31, to: 37, spread: 0.9 },
  mcv: { illness: 'anemia', from: 74, to: 82, spread: 1.5 },
  ferritin: { illness: 'anemia', from: 9, to: 34, spread: 2 },
  inr: { illness: 'fibrillation', from: 2.4, to: 2.5, spread: 0.25 },
};
/** Share of the reference range in which a healthy person's values spread (as a standard deviation). */
const HEALTHY_SPREAD = 0.14;

/** A value of this analyte that fits the patient's illnesses and how far their treatment has come. */
export function labValue(story: Story, analyte: Analyte, atMs: number): number {
  const shift = SHIFTS[analyte.key];
  if (shift && story.person.illnesses.has(shift.illness)) {
    const passed = (atMs - story.startMs) / (story.untilMs - story.startMs);
    return story.random.around(shift.from + (shift.to - shift.from) * passed, shift.spread);
  }
  const range = analyte.high - analyte.low;
  return story.random.around(analyte.low + range / 2, range * HEALTHY_SPREAD);
}
