import type { RawAnswer } from '../rawHttp.ts';
import type { Mutation } from './mutation.ts';

/** Words that belong to the inside of the server: stack traces, paths, SQL, names of libraries. */
const INSIDE =
  /node_modules|\.ts:\d|\bat \S+ \(|SELECT |INSERT |syntax error at or near|ECONN|pg_|TypeError|undefined/;

interface Outcome {
  resourceType?: string;
  issue?: { severity?: string; code?: string; diagnostics?: string }[];
}

/** What is wrong with the answer to a mutated request, in words; undefined when it is as it must be. */
export function answerFault(mutation: Mutation, answer: RawAnswer): string | undefined {
  const { status, headers, body, whole, further } = answer;
  if (status === 0)
    return mutation.mayGoUnanswered ? undefined : `closed without an answer in ${answer.tookMs} ms`;
  if (status >= 500 || further.some((other) => other >= 500))
    return `${status} ${body.toString().slice(0, 400)}`;
  if (!whole) return `${status}, cut off`;
  if (status < 400 || mutation.isHead) return undefined;

  if (headers['content-type']?.startsWith('application/fhir+xml')) return xmlFault(status, body.toString());
  if (!headers['content-type']?.startsWith('application/fhir+json')) {
    return `${status} as ${headers['content-type']}: ${body.toString().slice(0, 200)}`;
  }
  const outcome = parse(body);
  if (outcome?.resourceType !== 'OperationOutcome') return `${status} without an OperationOutcome`;
  const issues = outcome.issue ?? [];
  if (issues.length === 0) return `${status} without issues`;
  for (const { severity, code, diagnostics = '' } of issues) {
    if (!severity || !code || diagnostics.length < 10)
      return `${status} with the issue ${body.toString().slice(0, 300)}`;
    if (INSIDE.test(diagnostics)) return `${status} tells of the inside: ${diagnostics}`;
  }
  if (status === 405 && !headers.allow) return '405 without Allow';
  return undefined;
}

/** Of an answer to a request that a mutation has made one for XML. */
function xmlFault(status: number, text: string): string | undefined {
  if (!text.includes('<OperationOutcome xmlns="http://hl7.org/fhir"><issue>'))
    return `${status} without an OperationOutcome: ${text.slice(0, 200)}`;
  return INSIDE.test(text) ? `${status} tells of the inside: ${text.slice(0, 400)}` : undefined;
}

function parse(body: Buffer): Outcome | undefined {
  try {
    return JSON.parse(body.toString()) as Outcome;
  } catch {
    return undefined;
  }
}
