/**
 * SQL for a row's content as `json`; NULL where it has none (deleted).
 *
 * PostgreSQL keeps `\u0000` and halves of surrogate pairs in `json`, but refuses to read any string of such a document.
 * Both are replaced here as the index does (`foldString`): NUL by nothing, half a pair by U+FFFD. Each `\\` is first
 * written as `\u005c`, so that afterwards a backslash always begins an escape.
 */
export function contentJson(alias: string): string {
  const content = `${alias}.content`;
  const plain = `replace(${content}, '\\\\', '\\u005c')`;
  const whole = REPLACEMENTS.reduce(
    (text, [pattern, by]) => `regexp_replace(${text}, '${pattern}', '${by}', 'g')`,
    plain,
  );
  // Looking for a backslash before a u is quicker than any pattern, and few contents have one.
  return `CASE WHEN strpos(${content}, '\\u') > 0 AND ${content} ~ '${SUSPICIOUS}' THEN (${whole})::json ELSE ${content}::json END`;
}

const HIGH = '\\\\u[dD][89abAB][0-9a-fA-F]{2}';
const LOW = '\\\\u[dD][c-fC-F][0-9a-fA-F]{2}';
const SUSPICIOUS = '\\\\u(0000|[dD][89a-fA-F])';
const REPLACEMENTS: readonly (readonly [pattern: string, by: string])[] = [
  ['\\\\u0000', ''],
  [`${HIGH}(?!${LOW})`, '\uFFFD'],
  [`(?<!${HIGH})${LOW}`, '\uFFFD'],
];
