/** A filter as the tables can carry it out; operators as those of value sets. */
export interface TableFilter {
  property: string;
  op: string;
  value: string;
  /** Of operators along the hierarchy: the place of the concept that `value` names; absent: there is none. */
  place?: number;
}

/** Of a word in a tsquery. */
const WORD_BYTES_MAX = 2046;

/** No concept has this place. */
const NOWHERE = -1;

/** Which concepts of one code system. */
export interface ConceptQuery {
  system: number;
  filters: readonly TableFilter[];
  /** Words, folded, of which each begins one of the concept's. */
  words?: readonly string[];
  activeOnly?: boolean;
  /** Only the concept of this place. */
  place?: number;
}

/** SQL about a row `c` of the table `concept`. Values are parameters. */
export function conceptQuery(schema: string, query: ConceptQuery): { where: string; values: unknown[] } {
  const values: unknown[] = [query.system];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const terms = ['c.system = $1'];
  if (query.place !== undefined) terms.push(`c.place = ${parameter(query.place)}`);
  if (query.activeOnly === true) terms.push('NOT c.inactive');
  if (query.words !== undefined && query.words.length > 0) terms.push(wordsSql(query.words, parameter));
  for (const filter of query.filters) terms.push(filterSql(`"${schema}"`, filter, parameter));
  return { where: terms.join(' AND '), values };
}

/** No concept has a word that is longer than PostgreSQL can look for. */
function wordsSql(words: readonly string[], parameter: (value: unknown) => string): string {
  if (words.some((word) => Buffer.byteLength(word) > WORD_BYTES_MAX)) return 'false';
  return `c.words @@ ${parameter(words.map((word) => `'${word}':*`).join(' & '))}::tsquery`;
}

function filterSql(
  schema: string,
  { property, op, value, place = NOWHERE }: TableFilter,
  parameter: (value: unknown) => string,
): string {
  // Each concept is among its own ancestors.
  const below = () =>
    `EXISTS (SELECT 1 FROM ${schema}.concept_ancestor a WHERE a.system = $1 AND a.ancestor = ${parameter(place)} AND a.descendant = c.place)`;
  switch (op) {
    case 'is-a':
      return below();
    case 'descendent-of':
      return `(${below()} AND c.place <> ${parameter(place)})`;
    case 'is-not-a':
      return `NOT ${below()}`;
    case 'descendent-leaf':
      return `(${below()} AND c.place <> ${parameter(place)} AND NOT EXISTS (SELECT 1 FROM ${schema}.concept_parent p WHERE p.system = $1 AND p.parent = c.place))`;
    case 'child-of':
      return `EXISTS (SELECT 1 FROM ${schema}.concept_parent p WHERE p.system = $1 AND p.parent = ${parameter(place)} AND p.child = c.place)`;
    case 'generalizes':
      return `EXISTS (SELECT 1 FROM ${schema}.concept_ancestor a WHERE a.system = $1 AND a.descendant = ${parameter(place)} AND a.ancestor = c.place)`;
  }
  return valueSql(schema, { property, op, value }, parameter);
}

/** Of the operators that compare a property's values. */
function valueSql(
  schema: string,
  { property, op, value }: TableFilter,
  parameter: (value: unknown) => string,
): string {
  const listed = value.split(',').map((one) => one.trim());
  const column =
    property === 'code' || property === 'concept'
      ? 'c.code'
      : property === 'display'
        ? 'c.display'
        : undefined;
  if (property === 'inactive' && op === '=') return value === 'true' ? 'c.inactive' : 'NOT c.inactive';
  if (property === 'parent' || property === 'child')
    return edgeSql(schema, { property, op, value }, parameter);
  const test = (text: string) => {
    if (op === '=') return `${text} = ${parameter(value)}`;
    if (op === 'regex') return `${text} ~ ${parameter(`^(?:${value})$`)}`;
    return `${text} = ANY (${parameter(listed)}::text[])`;
  };
  if (column !== undefined) {
    if (op === 'exists') return `(${column} IS NOT NULL) = ${value === 'true'}`;
    return op === 'not-in' ? `NOT coalesce(${test(column)}, false)` : `coalesce(${test(column)}, false)`;
  }
  // By the hash there is an index; values may be too long for one themselves.
  const hash =
    op === '='
      ? ` AND hashtextextended(v.value, 0) = hashtextextended(${parameter(value)}, 0)`
      : op === 'in'
        ? ` AND hashtextextended(v.value, 0) = ANY (ARRAY(SELECT hashtextextended(l, 0) FROM unnest(${parameter(listed)}::text[]) l))`
        : '';
  const of = `SELECT 1 FROM ${schema}.concept_property v WHERE v.system = $1 AND v.place = c.place AND v.property = ${parameter(property)}${hash}`;
  if (op === 'exists') return `${value === 'true' ? '' : 'NOT '}EXISTS (${of})`;
  return `${op === 'not-in' ? 'NOT ' : ''}EXISTS (${of} AND ${test('v.value')})`;
}

/** `parent = X`: those one step below X; `child = X`: above. */
function edgeSql(
  schema: string,
  { property, op, value }: TableFilter,
  parameter: (value: unknown) => string,
): string {
  const [own, other] = property === 'parent' ? ['child', 'parent'] : ['parent', 'child'];
  const edges = `SELECT 1 FROM ${schema}.concept_parent p`;
  const here = `p.system = $1 AND p.${own} = c.place`;
  if (op === 'exists') return `${value === 'true' ? '' : 'NOT '}EXISTS (${edges} WHERE ${here})`;
  const joined = `${edges} JOIN ${schema}.concept o ON o.system = p.system AND o.place = p.${other}`;
  const code =
    op === 'regex'
      ? `o.code ~ ${parameter(`^(?:${value})$`)}`
      : `o.code = ANY (${parameter(value.split(',').map((one) => one.trim()))}::text[])`;
  return `${op === 'not-in' ? 'NOT ' : ''}EXISTS (${joined} WHERE ${here} AND ${code})`;
}
