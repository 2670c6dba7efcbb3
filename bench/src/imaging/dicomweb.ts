import type { BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import { askInTurn } from '../generator/askInTurn.ts';
import { TRIAL_MS } from '../measure/reference.ts';
import { measureInTurn, measureSide, type Load, type Side } from '../measure/side.ts';
import { median } from '../measure/statistics.ts';
import { errorsIn, ratiosOf, summarize } from '../measure/summary.ts';
import type { Target } from '../processes/target.ts';
import type { CaseResult } from '../report/caseResult.ts';
import type { FirstAsked } from './figures.ts';
import type { SentStudy } from './images.ts';
import type { Question } from './questions.ts';
import type { ImagingWorld } from './world.ts';

const DICOMWEB_BASE = '/dicomweb';
/** Of one question, which no other question asks for: an archive elsewhere is slow at first, and fast from what the bridge has kept. */
const STUDIES_MAX = 32;

/** Some of the studies for each question, none for two. */
export const sharesOf = <T>(studies: readonly T[], questions: number): T[][] => {
  const each = Math.min(STUDIES_MAX, Math.floor(studies.length / questions));
  if (each === 0) throw new Error(`${studies.length} studies are too few for ${questions} questions`);
  return Array.from({ length: questions }, (_, at) => studies.slice(at * each, (at + 1) * each));
};

export interface DicomwebFigures {
  first: FirstAsked;
  result: CaseResult;
}

/** How a question is measured. */
export interface DicomwebLoad {
  load: Load;
  rounds: number;
  plan: DataPlan;
}

/** Puts one question about studies to the server, and in turn to Orthanc, which has them too. @param studies nobody has asked for them before */
export const measureDicomweb = async (
  { server, floor, archive }: ImagingWorld,
  question: Question,
  studies: readonly SentStudy[],
  { load, rounds, plan }: DicomwebLoad,
): Promise<DicomwebFigures> => {
  const { name, requestOf } = question;
  const title = `${question.title} (${archive})`;
  const requests = studies.map(requestOf);
  const bench: BenchCase = { name, title, writes: false, makeRequests: () => requests };
  const sideOf = (target: Target) => ({ target, bench, plan, requests, checkAnswers: true });
  const sides = [sideOf({ ...server, basePath: DICOMWEB_BASE }), sideOf(floor)] as const;
  const [p50Ms, floorP50Ms] = [await firstAsked(sides[0]), await firstAsked(sides[1])];
  for (const side of sides) await measureSide(side, { ...load, measureMs: TRIAL_MS });
  const [ofServer, ofFloor] = await measureInTurn(sides, load, rounds);
  const ours = summarize(ofServer);
  const theirs = { ...summarize(ofFloor), label: 'floor: Orthanc' };
  const result = {
    ...{ name, title, connections: load.connections, server: ours, floor: theirs },
    ...ratiosOf(ours, theirs),
    ...errorsIn([...ofServer, ...ofFloor]),
  };
  return { first: { title, studies: studies.length, p50Ms, floorP50Ms }, result };
};

const firstAsked = async ({ target, requests }: Required<Side>): Promise<number> =>
  median(await askInTurn(target, requests));
