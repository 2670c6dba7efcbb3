/** Bytes of content in one page; a page ends early rather than hold more, but always holds one resource. */
export const PAGE_BYTES_MAX = 32 * 2 ** 20;

/** How many of the first of them fit into a page, by their sizes in bytes. */
export function fitting(sizes: readonly number[]): number {
  let bytes = 0;
  const end = sizes.findIndex((size, i) => (bytes += size) > PAGE_BYTES_MAX && i > 0);
  return end < 0 ? sizes.length : end;
}

/**
 * SQL of a page's rows: of those of `rows` (in `order`), each with its column `fits`, and its content only where it
 * does. Sizes are known without reading the contents.
 *
 * @param rows a query with a column `content` @param max SQL expression: {@link PAGE_BYTES_MAX}
 */
export function pageSql(rows: string, columns: string, order: string, max: string): string {
  const size = 'coalesce(octet_length(content), 0)';
  return `SELECT ${columns}, fits, CASE WHEN fits THEN content END AS content FROM (
    SELECT *, sum(${size}) OVER w <= ${max} OR row_number() OVER w = 1 AS fits FROM (${rows}) r
    WINDOW w AS (ORDER BY ${order} ROWS UNBOUNDED PRECEDING)) p ORDER BY ${order}`;
}
