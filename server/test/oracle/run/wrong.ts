import { list, type Json } from '../evaluate/world.ts';
import type { Wrong } from '../queries/query.ts';
import { issuesIn, type Page } from './bundle.ts';
import type { Answer } from './client.ts';

/** What cannot be used is refused with words, and by its name (search.html#errors). @throws Error */
export function checkRefused({ pair }: Wrong, { status, text }: Answer): void {
  if (status !== 400)
    throw new Error(`${pair[0]} must be refused with 400, but was answered ${status}: ${text}`);
  if (!issuesIn(text).some((issue) => names(issue, pair[0], 'error')))
    throw new Error(`refused, but no issue names ${pair[0]}: ${text}`);
}

/** What was left out is told beside the results, and not said to have been used (search.html#errors). @throws Error */
export function checkRemark({ pair: [name, value] }: Wrong, { remarks, self = '' }: Page): void {
  if (!remarks.some((issue) => names(issue, name, 'warning')))
    throw new Error(`no warning says that ${name} was left out: ${JSON.stringify(remarks)}`);
  const used = [...new URL(self).searchParams];
  if (used.some((pair) => pair[0] === name && pair[1] === value))
    throw new Error(`the link to self has ${name}, which was left out`);
}

const names = (issue: Json, name: string, severity: string): boolean =>
  issue.severity === severity &&
  list(issue.expression).includes(`http.${name}`) &&
  typeof issue.diagnostics === 'string';
