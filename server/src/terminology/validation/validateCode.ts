import type { JsonObject } from '../../fhir/resource.ts';
import { outcomeIssue, TerminologyError, type TxIssue } from '../issue.ts';
import type { Coding } from '../model.ts';
import type { CompiledValueSet, CompileScope } from '../valueSets/compile.ts';
import { Effort } from '../valueSets/effort.ts';
import { UnknownValueSetError } from '../valueSets/faults.ts';
import { isMember } from '../valueSets/membership.ts';
import { facts, warningOf } from '../valueSets/used.ts';
import * as say from './codeIssues.ts';
import { CodingJudge, type CodingVerdict, type JudgingRules } from './validateCoding.ts';

/** A code, a coding or a concept with its codings. */
export interface ValidateCodeRequest extends JudgingRules {
  kind: 'code' | 'coding' | 'codeableConcept';
  codings: readonly Coding[];
  codeableConcept?: JsonObject;
  /** A code without a system is meant in any of the value set's. */
  inferSystem: boolean;
  /** Canonical of the code system that a coding must be of (`CodeSystem/$validate-code`); absent: of any. */
  codeSystem?: string;
  /** To be a member of; absent: only of its code system. */
  valueSet?: JsonObject;
}

interface Result {
  name: string;
  [value: string]: unknown;
}

/** `$validate-code` (http://hl7.org/fhir/R4/valueset-operation-validate-code.html): the parameters of its answer. */
export async function validateCode(
  scope: CompileScope,
  request: ValidateCodeRequest,
  compile: (valueSet: JsonObject) => Promise<CompiledValueSet>,
): Promise<Result[]> {
  let valueSet: CompiledValueSet | undefined;
  if (request.valueSet) {
    try {
      valueSet = await compile(request.valueSet);
    } catch (error) {
      if (!(error instanceof UnknownValueSetError)) throw aboutCode(error);
      return importMissing(request, error);
    }
  }
  const effort = new Effort();
  const judge = new CodingJudge(scope, valueSet, request, effort);
  const isConcept = request.kind === 'codeableConcept';
  const verdicts: CodingVerdict[] = [];
  for (const [i, coding] of request.codings.entries()) {
    const at = isConcept ? `CodeableConcept.coding[${i}]` : request.kind === 'coding' ? 'Coding' : '';
    if (isOfOtherSystem(request, coding)) {
      verdicts.push(ofOtherSystem(request, coding, at));
      continue;
    }
    const inferred = await infer(request, valueSet, coding, effort);
    verdicts.push('issue' in inferred ? inferred.verdict : await judge.judge(inferred.coding, at, isConcept));
  }
  return answer(request, valueSet, verdicts);
}

const isOfOtherSystem = ({ codeSystem }: ValidateCodeRequest, { system }: Coding): boolean =>
  codeSystem !== undefined && system !== undefined && system !== codeSystem;

/** Of a concept, codings of other systems are fine beside one of this. */
function ofOtherSystem(request: ValidateCodeRequest, coding: Coding, at: string): CodingVerdict {
  const isBeside = request.codings.some((one) => !isOfOtherSystem(request, one));
  const issue = say.otherSystem(coding.system!, request.codeSystem!, at === '' ? 'system' : `${at}.system`);
  return { isIn: false, issues: [{ ...issue, severity: isBeside ? 'information' : 'error' }], coding };
}

/** A code system that is missing is told in the words of what was asked. */
function aboutCode(error: unknown): unknown {
  if (!(error instanceof TerminologyError)) return error;
  const { issue, category } = error;
  const text = issue.text.replace(
    ', so the value set cannot be expanded',
    ', so the code cannot be validated',
  );
  return text === issue.text ? error : new TerminologyError(category, { ...issue, text });
}

/** The system of a code that stands by itself. */
async function infer(
  { inferSystem }: ValidateCodeRequest,
  valueSet: CompiledValueSet | undefined,
  coding: Coding,
  effort: Effort,
): Promise<{ coding: Coding } | { issue: true; verdict: CodingVerdict }> {
  const { code = '' } = coding;
  if (coding.system !== undefined || !inferSystem || !valueSet) return { coding };
  const systems: string[] = [];
  for (const system of systemsOf(valueSet))
    if (await isMember(valueSet, { system, code, effort })) systems.push(system);
  if (systems.length === 1) return { coding: { ...coding, system: systems[0]! } };
  const issues = [
    say.notInValueSet(valueSet.canonical, `#${code}`, 'code'),
    say.cannotInfer(code, valueSet.canonical, systems, 'code'),
  ];
  return { issue: true, verdict: { isIn: false, issues, coding } };
}

export function systemsOf(
  valueSet: CompiledValueSet,
  found = new Set<string>(),
  seen = new Set<CompiledValueSet>(),
): ReadonlySet<string> {
  if (seen.has(valueSet)) return found;
  seen.add(valueSet);
  for (const { system, valueSets } of valueSet.includes) {
    if (system !== undefined) found.add(system);
    for (const one of valueSets) systemsOf(one, found, seen);
  }
  return found;
}

function answer(
  request: ValidateCodeRequest,
  valueSet: CompiledValueSet | undefined,
  verdicts: readonly CodingVerdict[],
): Result[] {
  const isConcept = request.kind === 'codeableConcept';
  const chosen = verdicts.findLast(({ isIn }) => isIn) ?? (isConcept ? undefined : verdicts[0]);
  const isIn = verdicts.some((one) => one.isIn);
  const isOut = valueSet !== undefined && !isIn && !verdicts.some(({ isUndecided }) => isUndecided);
  const issues = unique([
    ...(isConcept && isOut ? [say.noCodingInValueSet(valueSet.canonical)] : []),
    ...verdicts.flatMap((one) => one.issues),
    ...(request.membershipOnly ? [] : valueSetIssues(valueSet)),
  ]);
  const result = isIn && !issues.some(({ severity }) => severity === 'error');
  return [
    { name: 'result', valueBoolean: result },
    ...chosenParameters(chosen),
    ...statusParameters(chosen ?? verdicts.find(({ inactive }) => inactive)),
    ...unknownSystems(verdicts, isOut),
    ...(request.codeableConcept
      ? [{ name: 'codeableConcept', valueCodeableConcept: request.codeableConcept }]
      : []),
    ...messageOf(issues),
    ...issuesOf(issues),
  ];
}

function chosenParameters(verdict: CodingVerdict | undefined): Result[] {
  if (!verdict) return [];
  const { coding, concept, content, display, normalizedCode } = verdict;
  const version = content ? content.header.version : coding.version;
  const parameters: (Result | false)[] = [
    coding.code !== undefined && { name: 'code', valueCode: coding.code },
    coding.system !== undefined && { name: 'system', valueUri: coding.system },
    version !== undefined && { name: 'version', valueString: version },
    concept !== undefined && display !== undefined && { name: 'display', valueString: display },
    normalizedCode !== undefined && { name: 'normalized-code', valueCode: normalizedCode },
  ];
  return parameters.filter((one) => one !== false);
}

/** That a code should not be used any more, also where that is why it is in no value set. */
function statusParameters(verdict: CodingVerdict | undefined): Result[] {
  const { inactive, doubt } = verdict ?? {};
  const status = inactive ? inactive.status : doubt;
  const told = status === undefined || status === 'inactive' ? [] : [{ name: 'status', valueString: status }];
  return inactive ? [{ name: 'inactive', valueBoolean: true }, ...told] : told;
}

/** Systems that are not known: the cause of the answer, unless it is no in any case. */
function unknownSystems(verdicts: readonly CodingVerdict[], isOut: boolean): Result[] {
  const all = new Set(verdicts.flatMap(({ unknownSystem }) => unknownSystem ?? []));
  const name = isOut ? 'x-unknown-system' : 'x-caused-by-unknown-system';
  return [...all].map((valueCanonical) => ({ name, valueCanonical }));
}

function valueSetIssues(valueSet: CompiledValueSet | undefined): TxIssue[] {
  const own = valueSet && facts(valueSet.resource);
  const warning = own && warningOf(own, own, true);
  return warning === undefined ? [] : [say.doubtful(warning, 'ValueSet', valueSet!.canonical)];
}

/** A value set that the asked one imports is not known: what is asked cannot be answered. */
function importMissing(request: ValidateCodeRequest, { canonical, issue }: UnknownValueSetError): Result[] {
  const { url, version } = request.valueSet ?? {};
  const asked = `${String(url)}${typeof version === 'string' ? `|${version}` : ''}`;
  const issues = [issue, say.cannotCheck(asked, 'value set', canonical)];
  const [coding] = request.kind === 'codeableConcept' ? [] : request.codings;
  const parameters = coding ? chosenParameters({ isIn: false, issues, coding }) : [];
  const concept = request.codeableConcept;
  return [
    { name: 'result', valueBoolean: false },
    ...parameters,
    ...(concept ? [{ name: 'codeableConcept', valueCodeableConcept: concept }] : []),
    ...messageOf(issues),
    ...issuesOf(issues),
  ];
}

/** Errors, and what a person should read though the code is valid; in the order of the alphabet, as HL7's servers have it. */
function messageOf(issues: readonly TxIssue[]): Result[] {
  const said = issues.filter(
    ({ severity, id }) => severity === 'error' || (id !== undefined && TOLD.has(id)),
  );
  const texts = [...new Set(said.map(({ text }) => text))].sort();
  return texts.length === 0 ? [] : [{ name: 'message', valueString: texts.join('; ') }];
}

/** Issues of less than an error that are in the message, by their names. */
const TOLD: ReadonlySet<string> = new Set([
  'Display_Name_for__should_be_one_of__instead_of',
  'Display_Name_WS_for__should_be_one_of__instead_of',
  'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK',
  'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR',
  'INACTIVE_CONCEPT_FOUND',
  'DEPRECATED_CONCEPT_FOUND',
  'Coding_has_no_system__cannot_validate',
]);

function issuesOf(issues: readonly TxIssue[]): Result[] {
  if (issues.length === 0) return [];
  return [
    { name: 'issues', resource: { resourceType: 'OperationOutcome', issue: issues.map(outcomeIssue) } },
  ];
}

const unique = (issues: readonly TxIssue[]): TxIssue[] => [
  ...new Map(issues.map((issue) => [`${issue.text} ${issue.at ?? ''}`, issue])).values(),
];
