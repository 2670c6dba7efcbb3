/** Whoever wrote with an earlier time than others has committed by then. */
const SETTLED_AFTER = '5 minutes';

/**
 * SQL of a text that is another after each write, by any server, of a resource of the types in the statement's first value (text[]).
 * Times of commits do not follow the order of rows, so those of the last minutes are counted.
 */
export const changeMarkSql = (schema: string): string => `(
  SELECT string_agg(concat_ws(' ', t.type, l.seq, c.number), ',' ORDER BY t.type) FROM unnest($1::text[]) AS t(type)
  LEFT JOIN LATERAL (SELECT seq FROM "${schema}".changes WHERE type = t.type
    ORDER BY last_updated DESC, seq DESC LIMIT 1) l ON true
  LEFT JOIN LATERAL (SELECT count(*) AS number FROM "${schema}".changes
    WHERE type = t.type AND last_updated > clock_timestamp() - interval '${SETTLED_AFTER}') c ON true)`;
