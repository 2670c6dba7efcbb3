import type { BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import { TRIAL_MS } from '../measure/reference.ts';
import { measureInTurn, measureSide, type Load, type Side } from '../measure/side.ts';
import { errorsIn, ratiosOf, summarize } from '../measure/summary.ts';
import type { Target } from '../processes/target.ts';
import type { CaseResult } from '../report/result.ts';
import type { SentStudy } from './images.ts';
import type { Question } from './questions.ts';
import type { ImagingWorld } from './world.ts';

const DICOMWEB_BASE = '/dicomweb';

/** How a question is measured. */
export interface DicomwebLoad {
  load: Load;
  rounds: number;
  plan: DataPlan;
}

/** Puts one question about studies to the server, and in turn to Orthanc, which has them too. */
export const measureDicomweb = async (
  { server, floor, archive }: ImagingWorld,
  question: Question,
  studies: readonly SentStudy[],
  { load, rounds, plan }: DicomwebLoad,
): Promise<CaseResult> => {
  const { name, requestOf } = question;
  const title = `${question.title} (${archive})`;
  const requests = studies.map(requestOf);
  const bench: BenchCase = { name, title, writes: false, makeRequests: () => requests };
  const sideOf = (target: Target): Side => ({ target, bench, plan, requests, checkAnswers: true });
  const sides = [sideOf({ ...server, basePath: DICOMWEB_BASE }), sideOf(floor)] as const;
  for (const side of sides) await measureSide(side, { ...load, measureMs: TRIAL_MS });
  const [ofServer, ofFloor] = await measureInTurn(sides, load, rounds);
  const ours = summarize(ofServer);
  const theirs = { ...summarize(ofFloor), label: 'floor: Orthanc' };
  return {
    ...{ name, title, connections: load.connections, server: ours, floor: theirs },
    ...ratiosOf(ours, theirs),
    ...errorsIn([...ofServer, ...ofFloor]),
  };
};
