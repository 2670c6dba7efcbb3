import { create } from '../cases/create.ts';
import type { DataPlan } from '../data/plan.ts';
import type { Side } from '../measure/side.ts';
import type { Target } from '../processes/target.ts';

/** The writes that make events: those of the case `create`. */
export const createSide = (target: Target, plan: DataPlan): Side => ({
  target,
  bench: create,
  plan,
  checkAnswers: true,
});
