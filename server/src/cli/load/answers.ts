import type { Failure } from './failure.ts';

/** Issues and characters of an answer that are shown. */
const ISSUES_SHOWN = 3;
const REASON_LENGTH_MAX = 600;

interface Issue {
  severity?: unknown;
  code?: unknown;
  diagnostics?: unknown;
  expression?: unknown;
}

/** What an OperationOutcome says is wrong, in one line; a plain sentence when the body is none. */
export function diagnosticsOf(body: string): string {
  return outcomeText(parse(body)) ?? 'The server gave no reason.';
}

interface Response {
  status?: unknown;
  outcome?: unknown;
}

/** How each entry of a batch fared. */
export function entryResults(
  body: string,
  nameOf: (index: number) => string,
): { stored: number; failures: Failure[] } {
  const { entry } = parse(body) as { entry?: { response?: Response }[] };
  if (!Array.isArray(entry)) {
    return {
      stored: 0,
      failures: [
        {
          name: nameOf(0),
          reason: 'The answer to the batch cannot be read; see on the server what it stored.',
        },
      ],
    };
  }
  const failures = entry.flatMap(({ response }, index): Failure[] => {
    const status = parseInt(String(response?.status), 10);
    if (status >= 200 && status < 300) return [];
    return [
      { name: nameOf(index), status, reason: outcomeText(response?.outcome) ?? 'The server gave no reason.' },
    ];
  });
  return { stored: entry.length - failures.length, failures };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) ?? {};
  } catch {
    return {};
  }
}

function outcomeText(outcome: unknown): string | undefined {
  const { issue } = (outcome ?? {}) as { issue?: Issue[] };
  if (!Array.isArray(issue) || issue.length === 0) return undefined;
  const bad = issue.filter(({ severity }) => severity === 'error' || severity === 'fatal');
  const shown = (bad.length > 0 ? bad : issue).slice(0, ISSUES_SHOWN).map(issueText);
  const more = bad.length > ISSUES_SHOWN ? ` (and ${bad.length - ISSUES_SHOWN} more)` : '';
  return (shown.join(' | ') + more).slice(0, REASON_LENGTH_MAX);
}

function issueText({ code, diagnostics, expression }: Issue): string {
  const where = Array.isArray(expression) ? ` at ${expression.join(', ')}` : '';
  return (typeof diagnostics === 'string' ? diagnostics : String(code)) + where;
}
