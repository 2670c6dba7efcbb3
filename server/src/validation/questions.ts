import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { CodeAnswer, CodeQuestion, CodingFault, Ports, StructurePort } from './ports.ts';
import type { DefinitionFault } from './profiles/definition/fault.ts';
import { RULES, type RuleId } from './rules.ts';

/** Reports what an answer brought to light, at the place that asked. */
export type LateReport = (
  rule: RuleId,
  diagnostics: string,
  severity?: Issue['severity'],
  /** FHIRPath below the place. */
  below?: string,
) => void;

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
  /** Must not throw. `ask`: a further question, about an element at a FHIRPath below the place. */
  whenAnswered: (answer: Answer, report: LateReport, ask: AskFurther) => void;
}

export type AskFurther = (
  question: CodeQuestion,
  below: string,
  whenAnswered: (answer: CodeAnswer, report: LateReport) => void,
) => void;

/** Compares a StructureDefinition with those that are known. */
export type FindFaults = (structures: StructurePort) => Promise<readonly DefinitionFault[]>;

/** What the passes could not decide from what is in memory. */
export type Question =
  | (Asked<CodeAnswer> & { kind: 'code'; question: CodeQuestion })
  | (Asked<readonly CodingFault[]> & { kind: 'coding'; coding: CodeQuestion['codings'][number] })
  | (Asked<boolean> & { kind: 'reference'; target: ReferenceTarget })
  | (Asked<boolean> & { kind: 'structure'; canonical: string })
  | (Asked<JsonObject | undefined> & { kind: 'questionnaire'; canonical: string })
  | (Asked<readonly DefinitionFault[]> & { kind: 'definition'; find: FindFaults });

/** An issue that an answer brought, with the place in the order of those that were found before. */
interface LateIssue {
  position: number;
  issue: Issue;
}

/**
 * Asks all questions at once, each port one time; what the answers lead to is asked in a second round. Rejects when a
 * port does.
 *
 * @returns the issues, with what the answers brought put where each was asked
 */
export async function askAll(
  questions: readonly Question[],
  ports: Ports,
  issues: readonly Issue[],
): Promise<Issue[]> {
  const late: LateIssue[] = [];
  const further = await round(questions, ports, late);
  if (further.length > 0) await round(further, ports, late);
  return merged(issues, late);
}

async function round(questions: readonly Question[], ports: Ports, late: LateIssue[]): Promise<Question[]> {
  const codes = questions.filter((question) => question.kind === 'code');
  const codings = questions.filter((question) => question.kind === 'coding');
  const references = questions.filter((question) => question.kind === 'reference');
  const structures = questions.filter((question) => question.kind === 'structure');
  const questionnaires = questions.filter((question) => question.kind === 'questionnaire');
  const definitions = questions.filter((question) => question.kind === 'definition');
  const [codeAnswers = [], codingFaults = [], existing = [], defined, found, definitionAnswers] =
    await Promise.all([
      codes.length > 0 ? ports.codes?.answer(codes.map(({ question }) => question)) : undefined,
      codings.length > 0 ? ports.codes?.faults?.(codings.map(({ coding }) => coding)) : undefined,
      references.length > 0 ? ports.references?.existing(references.map(({ target }) => target)) : undefined,
      Promise.all(structures.map(async ({ canonical }) => ports.structures?.structure(canonical))),
      Promise.all(
        questionnaires.map(async ({ canonical }) => ports.questionnaires?.questionnaire(canonical)),
      ),
      Promise.all(definitions.map(async ({ find }) => (ports.structures ? find(ports.structures) : []))),
    ]);
  const further: Question[] = [];
  const answer = <Answer>(asked: Asked<Answer>, given: Answer): void =>
    asked.whenAnswered(given, reporter(asked, late), asker(asked, further));
  // A port that is absent has answered nothing.
  codes.forEach((asked, i) => answer(asked, codeAnswers[i] ?? { verdict: 'unknown' }));
  codings.forEach((asked, i) => answer(asked, codingFaults[i] ?? []));
  references.forEach((asked, i) => answer(asked, existing[i] ?? true));
  structures.forEach((asked, i) => answer(asked, defined[i] !== undefined));
  questionnaires.forEach((asked, i) => answer(asked, found[i]));
  definitions.forEach((asked, i) => answer(asked, definitionAnswers[i] ?? []));
  return further;
}

function reporter({ position, expression }: Asked<never>, late: LateIssue[]): LateReport {
  return (rule, diagnostics, severity = 'error', below = '') => {
    const details = { coding: [{ code: rule }] };
    const place = below === '' ? expression : `${expression}.${below}`;
    const issue = { severity, code: RULES[rule], details, diagnostics, expression: [place] };
    late.push({ position, issue });
  };
}

function asker({ position, expression }: Asked<never>, further: Question[]): AskFurther {
  return (question, below, whenAnswered) => {
    further.push({ kind: 'code', question, position, expression: `${expression}.${below}`, whenAnswered });
  };
}

function merged(issues: readonly Issue[], late: LateIssue[]): Issue[] {
  late.sort((a, b) => a.position - b.position);
  const all: Issue[] = [];
  let next = 0;
  for (let i = 0; i <= issues.length; i++) {
    for (; next < late.length && late[next]!.position === i; next++) all.push(late[next]!.issue);
    if (i < issues.length) all.push(issues[i]!);
  }
  return all;
}
