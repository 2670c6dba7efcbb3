import { dateSpan } from '../../fhir/dates.ts';
import { fhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/resource.ts';
import {
  canonicals,
  isLanguageRange,
  outcomeIssue,
  parseLanguages,
  TerminologyError,
  type Coding,
  type Languages,
  type QuestionContext,
} from '../../records/terminology.ts';
import type { OperationAnswer, OperationRequest } from '../operation.ts';
import type { OperationParameter, OperationParameters } from '../parameters.ts';
import { parameterExpression, parameterFault, sentExpression } from '../parameterFault.ts';

const STATUS = { incorrect: 400, 'not-found': 404 } as const;
const UNPROCESSABLE = 422;

/** Runs an operation of terminology: what cannot be answered is told as HL7's terminology servers tell it. */
export async function answering(work: () => Promise<JsonObject>): Promise<OperationAnswer> {
  try {
    return { kind: 'resource', body: JSON.stringify(await work()) };
  } catch (error) {
    if (!(error instanceof TerminologyError)) throw error;
    const outcome = { resourceType: 'OperationOutcome', issue: [outcomeIssue(error.issue)] };
    const status = STATUS[error.category as keyof typeof STATUS] ?? UNPROCESSABLE;
    return { kind: 'resource', status, body: JSON.stringify(outcome) };
  }
}

export const parametersResource = (parameter: readonly JsonObject[]): JsonObject => ({
  resourceType: 'Parameters',
  parameter,
});

/** What a question says about versions, supplements and resources of its own. */
export function contextOf(parameters: OperationParameters): QuestionContext {
  // PostgreSQL's texts cannot have it, and no code does.
  const other = parameters.all.find(({ text }) => text?.includes('\u0000'));
  if (other) {
    const fault = 'A parameter has the character U+0000: leave it out.';
    throw fhirError('incorrect', 'value', fault, sentExpression(other.name));
  }
  refuseOtherTimes(parameters);
  const resources = parameters.named('tx-resource').flatMap(({ resource }) => resource?.value ?? []);
  return {
    rules: {
      defaults: canonicals(parameters.texts('system-version')),
      checks: canonicals(parameters.texts('check-system-version')),
      forced: canonicals(parameters.texts('force-system-version')),
      valueSets: canonicals(parameters.texts('default-valueset-version')),
    },
    supplements: parameters.texts('useSupplement'),
    resources,
  };
}

/** What codes meant at another time is not known: a server that does not know it must say so. */
function refuseOtherTimes(parameters: OperationParameters): void {
  const text = parameters.text('date');
  if (text === undefined) return;
  const span = dateSpan(text);
  if (span === undefined) throw parameterFault('value', 'date', 'date must be a date or a dateTime.');
  const today = dateSpan(new Date().toISOString().slice(0, 'YYYY-MM-DD'.length))!;
  if (span.hiMs < today.loMs)
    throw fhirError(
      'unprocessable',
      'not-supported',
      "Only what codes mean today is known here: leave 'date' out, or name versions.",
      parameterExpression('date'),
    );
}

/** The languages that displays are wanted in: of the parameter, else of the value set, else of the HTTP header. */
export function languagesOf(
  { parameters, acceptLanguage }: OperationRequest,
  valueSet?: JsonObject,
): Languages | undefined {
  const asked = parameters.text('displayLanguage');
  if (asked !== undefined) {
    requireLanguages(asked);
    return parseLanguages(asked);
  }
  const ofValueSet = valueSet && expansionLanguage(valueSet);
  const text = ofValueSet ?? acceptLanguage ?? (valueSet?.language as string | undefined);
  return text === undefined ? undefined : parseLanguages(text);
}

/** @throws TerminologyError for what is no list of language tags */
function requireLanguages(text: string): void {
  if (text.split(',').every(isLanguageRange)) return;
  throw new TerminologyError('incorrect', {
    severity: 'error',
    code: 'processing',
    type: 'invalid-data',
    id: 'INVALID_DISPLAY_NAME',
    text: `Invalid displayLanguage: '${text.slice(0, 100)}'`,
  });
}

/** A value set may say by an extension how it wants to be expanded. */
function expansionLanguage(valueSet: JsonObject): string | undefined {
  const compose = valueSet.compose as JsonObject | undefined;
  const all = [valueSet, compose ?? {}].flatMap(({ extension }) => (extension ?? []) as JsonObject[]);
  for (const one of all) {
    if (one.url !== 'http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter') continue;
    const parts = (one.extension ?? []) as JsonObject[];
    const text = (url: string) => {
      const part = parts.find((two) => two.url === url);
      return (part?.valueCode ?? part?.valueString) as string | undefined;
    };
    if (text('name') === 'displayLanguage') return text('value');
  }
  return undefined;
}

/** The Coding of a parameter. @throws FhirError `incorrect` when it is none */
export function codingOf(parameter: OperationParameter): Coding {
  if (parameter.valueType === 'Coding' && isObject(parameter.value)) return asCoding(parameter.value);
  throw parameterFault('value', parameter.name, `The parameter '${parameter.name}' must be a valueCoding.`);
}

export const asCoding = (json: JsonObject): Coding => {
  const names = ['system', 'version', 'code', 'display'] as const;
  const texts = names.filter((name) => typeof json[name] === 'string').map((name) => [name, json[name]]);
  return Object.fromEntries(texts) as Coding;
};

/** The codings of a CodeableConcept. */
export function codingsOf(concept: unknown, name: string): Coding[] {
  if (!isObject(concept))
    throw parameterFault('value', name, `The parameter '${name}' must be a valueCodeableConcept.`);
  return Array.isArray(concept.coding) ? concept.coding.filter(isObject).map(asCoding) : [];
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is missing. @param name of the parameter that the answer points at, where several would do */
export const missing = (operation: string, name: string, what: string) =>
  parameterFault('required', name, `$${operation} needs ${what}.`);
