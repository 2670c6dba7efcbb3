import type { Issue } from '../fhir/outcome.ts';
import type { CodeAnswer, CodeQuestion, Ports } from './ports.ts';
import { RULES } from './rules.ts';
import type { LateReport } from './state.ts';

/** The resource that a reference names. */
export interface ReferenceTarget {
  type: string;
  id: string;
}

interface Asked<Answer> {
  /** Where it was asked. */
  expression: string;
  /** Issues that were found before it was asked. */
  position: number;
  /** Must not throw. */
  whenAnswered: (answer: Answer, report: LateReport) => void;
}

/** What the passes could not decide from what is in memory. */
export type Question =
  | (Asked<CodeAnswer> & { kind: 'code'; question: CodeQuestion })
  | (Asked<boolean> & { kind: 'reference'; target: ReferenceTarget })
  | (Asked<boolean> & { kind: 'structure'; canonical: string });

/**
 * Asks all questions at once, each port one time. Rejects when a port does.
 *
 * @returns the issues, with what the answers brought put where each was asked
 */
export async function askAll(
  questions: readonly Question[],
  ports: Ports,
  issues: readonly Issue[],
): Promise<Issue[]> {
  const codes = questions.filter((question) => question.kind === 'code');
  const references = questions.filter((question) => question.kind === 'reference');
  const structures = questions.filter((question) => question.kind === 'structure');
  const [codeAnswers = [], existing = [], defined] = await Promise.all([
    codes.length > 0 ? ports.codes?.answer(codes.map(({ question }) => question)) : undefined,
    references.length > 0 ? ports.references?.existing(references.map(({ target }) => target)) : undefined,
    Promise.all(structures.map(async ({ canonical }) => ports.structures?.structure(canonical))),
  ]);
  const late: { position: number; issue: Issue }[] = [];
  const reporter =
    ({ position, expression }: Question): LateReport =>
    (rule, diagnostics, severity = 'error') => {
      const details = { coding: [{ code: rule }] };
      const issue = { severity, code: RULES[rule], details, diagnostics, expression: [expression] };
      late.push({ position, issue });
    };
  codes.forEach((asked, i) => asked.whenAnswered(codeAnswers[i]!, reporter(asked)));
  references.forEach((asked, i) => asked.whenAnswered(existing[i]!, reporter(asked)));
  structures.forEach((asked, i) => asked.whenAnswered(defined[i] !== undefined, reporter(asked)));
  return merged(issues, late);
}

function merged(issues: readonly Issue[], late: { position: number; issue: Issue }[]): Issue[] {
  late.sort((a, b) => a.position - b.position);
  const all: Issue[] = [];
  let next = 0;
  for (let i = 0; i <= issues.length; i++) {
    for (; next < late.length && late[next]!.position === i; next++) all.push(late[next]!.issue);
    if (i < issues.length) all.push(issues[i]!);
  }
  return all;
}
