import { fhirError } from '../../fhir/outcome.ts';
import type { Database } from '../postgres/database.ts';

/** SQLSTATE of a regular expression that is not one, or is too large. */
const INVALID_REGULAR_EXPRESSION = '2201B';
/** SQLSTATE of a statement that ran into its time limit. */
const QUERY_CANCELED = '57014';

/**
 * Which of some texts a regular expression matches as a whole. PostgreSQL's engine has automata where JavaScript's
 * tries every way, and what takes too long is ended.
 *
 * @throws FhirError `unprocessable` when the expression cannot be used
 */
export async function regexMatches(
  database: Database,
  pattern: string,
  texts: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await orRegexFault(
    database.search({
      name: '',
      text: `SELECT t FROM unnest($1::text[]) AS u(t) WHERE t ~ $2`,
      values: [texts, `^(?:${pattern})$`],
    }),
  );
  return new Set((rows as { t: string }[]).map(({ t }) => t));
}

/** A statement with a regular expression of somebody else's. @throws FhirError `unprocessable` when that cannot be used */
export async function orRegexFault<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== INVALID_REGULAR_EXPRESSION && code !== QUERY_CANCELED) throw error;
    const text =
      code === QUERY_CANCELED
        ? 'The value set takes too long to be worked out: simplify its regular expressions, or ask for a part of it.'
        : 'A regular expression of the value set cannot be used: it is not well formed, or too large.';
    throw fhirError('unprocessable', code === QUERY_CANCELED ? 'too-costly' : 'invalid', text);
  }
}
