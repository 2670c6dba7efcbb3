const PREFIXES = ['bare', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const ORDERED = ['date', 'number', 'quantity'];

const each = (names: readonly string[], others: readonly string[], between = ' '): string[] =>
  names.flatMap((name) => others.map((other) => name + between + other));

/** What {@link kindsOf} must have found among the queries (http://hl7.org/fhir/R4/search.html). */
export const EXPECTED_KINDS: readonly string[] = [
  ...each(['level'], ['type', 'system', 'system without _type', 'compartment', 'compartment *']),
  'level compartment * without _type',
  'by POST',
  'self again',
  'in pages',
  'number only',
  'parameter twice',
  ...each(ORDERED, PREFIXES),
  ...each(
    ['_lastUpdated'],
    PREFIXES.filter((prefix) => prefix !== 'ap'),
  ),
  ...each(['quantity'], ['|system|code', '||code']),
  ...each([...ORDERED, 'string', 'token', 'reference', 'uri'], ['missing=true', 'missing=false'], ':'),
  ...each(['string'], ['exact', 'contains'], ':'),
  ...each(['token', 'token:not'], ['code', 'system|code', '|code', 'system|']),
  ...each(['token'], ['text', 'of-type'], ':'),
  ...each(['reference'], ['id', 'Type/id', 'versioned', 'absolute', 'elsewhere or canonical']),
  ...each(['reference'], ['[type]', 'identifier', 'above', 'below'], ':'),
  ...each(['uri'], ['above', 'below'], ':'),
  ...each([...ORDERED, 'string', 'token', 'reference', 'uri', 'composite'], ['OR']),
  ...each(['string', 'token', 'reference', 'uri', 'composite', 'near', ...ORDERED], ['after steps']),
  ...each(['composite'], ['token$quantity', 'token$token', 'token$string', 'token$date', 'token$reference']),
  'near within',
  'phonetic',
  '_id',
  '_id:not',
  '_lastUpdated',
  '_list',
  '_text',
  '_content',
  ...['_tag', '_profile', '_security', '_source'],
  ...each(['_tag', '_security'], ['not', 'text'], ':'),
  ...['chain', '_has', 'chain and _has', 'chain without type', '1 steps', '2 steps', '3 steps', '4 steps'],
  ...each(['_filter'], ['and', 'or', 'not', 'path', '[...]']),
  ...each(['_filter string'], ['eq', 'ne', 'co', 'sw', 'ew', 'pr']),
  ...each(['_filter token'], ['eq', 'ne', 'co', 'sw', 'pr']),
  ...each(['_filter reference'], ['re', 'eq', 'ne', 'pr']),
  ...each(['_filter uri'], ['eq', 'ne', 'co', 'sw', 'ew', 'pr']),
  ...each(
    ORDERED.map((type) => `_filter ${type}`),
    [...PREFIXES.slice(1), 'pr'],
  ),
  ...each(['_sort string', '_sort token', '_sort reference', '_sort uri'], ['desc']),
  ...each(
    ORDERED.map((type) => `_sort ${type}`),
    ['desc'],
  ),
  ...each(
    ['_sort'],
    ['string', 'token', 'reference', 'uri', ...ORDERED, '_id', '_lastUpdated', '_score', '_score desc'],
  ),
  ...each(['_sort by'], ['1', '2', '3']),
  ...['_include', '_include *', '_include with target', '_include:iterate', '_include:iterate *'],
  ...['_revinclude', '_revinclude *', '_revinclude with target', '_revinclude:iterate'],
  ...['_total=accurate', '_total=estimate', '_total=none'],
  ...['_summary=true', '_summary=text', '_summary=data', '_elements'],
  ...['_contained=true', '_contained=both', '_containedType=contained', '_containedType=container'],
  'wrong, lenient',
];
