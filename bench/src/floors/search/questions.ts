import { foldName } from './foldName.ts';
import type { SearchQuestion } from './searchFloor.ts';
import type { SearchUrl } from './searchUrl.ts';

/** Matches of a page: the server's own number, where a search does not say. */
const COUNT = 20;

/** Names that a patient can have that begin alike: official and maiden, given ones, prefix. */
const NAMES_MAX = 6;

const columns = (alias: string): string => `${alias}.url, ${alias}.content`;

/** Where the prefix begins and ends in the order of bytes. */
const prefix = (text: string): [string, string] => {
  const folded = foldName(text);
  return [folded, `${folded}\u{10ffff}`];
};

const patientIn = (url: SearchUrl): string => url.one('patient');

const byCode: SearchQuestion = {
  sql: `SELECT ${columns('o')}, true FROM floor.observation o WHERE o.code = $1 ORDER BY o.date DESC LIMIT ${COUNT}`,
  values: (url) => [url.one('code')],
};

/** The ideal statement of each searched question, by the name of its case. Each runs along the index made for it. */
export const SEARCH_QUESTIONS = {
  'search-name': {
    // A patient can be met several times in the index, so more entries are read than patients are wanted.
    sql: `SELECT ${columns('p')}, true FROM floor.patient p WHERE p.url = ANY (ARRAY (
      SELECT DISTINCT patient FROM (
        SELECT patient FROM floor.patient_name WHERE value >= $1 AND value < $2 LIMIT ${COUNT * NAMES_MAX}) n
      LIMIT ${COUNT}))`,
    values: (url) => prefix(url.one('name')),
  },
  'search-identifier': {
    sql: `SELECT ${columns('p')}, true FROM floor.patient p WHERE p.mrn = $1`,
    values: (url) => [url.one('identifier')],
  },
  'search-patient-code': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o
      WHERE o.patient = $1 AND o.code = $2 ORDER BY o.date DESC LIMIT ${COUNT}`,
    values: (url) => [patientIn(url), url.one('code')],
  },
  'search-patient-category': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o WHERE o.patient = $1 AND o.category = $2 LIMIT ${COUNT}`,
    values: (url) => [patientIn(url), url.one('category')],
  },
  'search-chain-name': {
    // Patients in the order of their names, each once, until the page is full.
    sql: `SELECT ${columns('o')}, true FROM floor.patient_name n JOIN floor.observation o ON o.patient = n.patient
      WHERE n.value >= $1 AND n.value < $2 AND NOT EXISTS (
        SELECT FROM floor.patient_name e WHERE e.patient = n.patient AND e.value >= $1 AND e.value < n.value)
      LIMIT ${COUNT}`,
    values: (url) => prefix(url.one('patient.name')),
  },
  'search-chain-identifier': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o
      WHERE o.patient = (SELECT p.url FROM floor.patient p WHERE p.mrn = $1) LIMIT ${COUNT}`,
    values: (url) => [url.one('subject:Patient.identifier')],
  },
  'search-has': {
    sql: `SELECT ${columns('p')}, true FROM floor.patient p WHERE p.url = ANY (ARRAY (
      SELECT patient FROM floor.patient_code WHERE code = $1 LIMIT ${COUNT}))`,
    values: (url) => [url.one('_has:Observation:patient:code')],
  },
  'search-include': {
    sql: `WITH page AS MATERIALIZED (
        SELECT ${columns('o')}, o.encounter FROM floor.observation o WHERE o.patient = $1 ORDER BY o.date DESC LIMIT ${COUNT})
      SELECT url, content, true FROM page
      UNION ALL SELECT ${columns('e')}, false FROM floor.encounter e WHERE e.url = ANY (ARRAY (SELECT DISTINCT encounter FROM page))`,
    values: (url) => [patientIn(url)],
  },
  'search-revinclude': {
    sql: `SELECT ${columns('p')}, true FROM floor.patient p WHERE p.url = $1
      UNION ALL SELECT ${columns('e')}, false FROM floor.encounter e WHERE e.patient = $1`,
    values: (url) => [`Patient/${url.one('_id')}`],
  },
  'search-code-date': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o
      WHERE o.code = $1 AND o.date >= $2 AND o.date < $3 LIMIT ${COUNT}`,
    values: (url) => [url.one('code'), ...url.all('date').map((value) => value.slice('ge'.length))],
  },
  'search-status-updated': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o
      WHERE o.status = $1 ORDER BY o.updated DESC LIMIT ${COUNT}`,
    values: (url) => [url.one('status')],
  },
  'search-code-rare': byCode,
  'search-code-common': byCode,
  'search-not': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o WHERE o.code <> $1 ORDER BY o.date DESC LIMIT ${COUNT}`,
    values: (url) => [url.one('code:not')],
  },
  'search-composite': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o WHERE o.code = $1 AND o.value > $2 LIMIT ${COUNT}`,
    values: (url) => {
      const [code, quantity = ''] = url.one('code-value-quantity').split('$');
      return [code, quantity.slice('gt'.length).split('|')[0]];
    },
  },
  everything: {
    sql: `SELECT ${columns('p')}, true FROM floor.patient p WHERE p.url = $1
      UNION ALL SELECT ${columns('c')}, true FROM floor.condition c WHERE c.patient = $1
      UNION ALL SELECT ${columns('e')}, true FROM floor.encounter e WHERE e.patient = $1
      UNION ALL SELECT ${columns('o')}, true FROM floor.observation o WHERE o.patient = $1
      UNION ALL SELECT ${columns('a')}, false FROM floor.actor a WHERE a.url = ANY (ARRAY (
        SELECT actor FROM floor.patient_actor WHERE patient = $1))`,
    values: ({ path }) => [path.slice(0, 2).join('/')],
  },
  'page-first': {
    sql: `SELECT ${columns('o')}, true FROM floor.observation o ORDER BY o.date DESC LIMIT ${COUNT}`,
    values: () => [],
  },
} as const satisfies Record<string, SearchQuestion>;
