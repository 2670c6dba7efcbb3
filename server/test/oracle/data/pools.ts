/**
 * What random resources are made of: few values, so that queries hit, and each kind of trouble among them: equal codes
 * in different systems, separators that need escapes, accents, cases and odd white space.
 */

export const SYSTEMS = [
  'http://loinc.org',
  'http://snomed.info/sct',
  'http://acme.org/codes',
  'http://acme.org/codes|v,1$',
  'urn:oid:2.16.840.1.113883.6.1',
] as const;

export const CODES = [
  '8480-6',
  '8462-4',
  'ha125',
  'HA125',
  'a',
  'a,b',
  'p|q',
  'd$e',
  'b\\s',
  'two words',
  'é',
] as const;

export const TEXTS = [
  'Blood pressure',
  'blood  Pressure, systolic',
  'Größe',
  'GROSSE',
  'Head\tache',
  'HÉADACHE',
  'He\u0301adache (severe)',
  'a, b | c $ d \\ e',
  'ﬁne',
  'İpek 100%_',
  'ipek 100 ml',
  'ipek_100',
  '山田',
] as const;

export const FAMILIES = [
  'Müller',
  'Muller',
  'MÜLLER-Lüdenscheidt',
  "O'Brien",
  'van  der Berg',
  'de la Cruz',
  'Ångström',
  'A\u030angstro\u0308m',
  'Straße',
  'Strasse',
  'Øster Łódź',
  'OSTER LODZ',
  '山田',
  'कुमार',
  'कमरा',
  'Carreno Quinones',
] as const;

export const GIVENS = [
  'Anna',
  'ANNA',
  'Änne',
  'Eve',
  'Evelyn',
  'Severine',
  'Jo-Ann',
  'J.',
  '太郎',
  'Zoë',
] as const;

export const CITIES = [
  'Berlin',
  'berlin',
  'Köln',
  'Koln',
  'São Paulo',
  'New\tYork',
  'New York',
  'Z',
] as const;

export const IDENTIFIER_SYSTEMS = [
  'urn:mrn',
  'http://acme.org/patient',
  'http://acme.org/patient|x',
] as const;

export const IDENTIFIER_VALUES = ['1', '2', '0001', '2345', 'a,b', 'x|y', '12 34', 'ÄB', 'c$d'] as const;

/** Addresses that begin with each other, at slashes and elsewhere. */
export const URLS = [
  'http://acme.org',
  'http://acme.org/fhir',
  'http://acme.org/fhir/',
  'http://acme.org/fhir/ValueSet/123',
  'http://acme.org/fhir/ValueSet/1234',
  'http://acme.org/fhir/ValueSet/123/_history/5',
  'http://acme.org/FHIR/ValueSet/123',
  'http://acme.org/a,b/c$d',
  'urn:oid:1.2.3.4.5',
  'urn:oid:1.2.3.4',
  'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
] as const;

export const PROFILES = [
  'http://acme.org/fhir/StructureDefinition/lipid',
  'http://acme.org/fhir/StructureDefinition/lipid|2.0',
  'http://acme.org/fhir/StructureDefinition/vitals',
  'http://acme.org/fhir/StructureDefinition/vitals/sub',
] as const;

/** Dense around 2012 to 2014, with every precision and several zones. */
export const DATES = [
  '2012',
  '2013',
  '2013-01',
  '2013-02',
  '2012-12-31',
  '2013-01-01',
  '2013-01-14',
  '2013-01-15',
  '2013-03-14',
  '2012-02-29',
  '1999-12-31',
  '0050-06-01',
  '2040-01',
] as const;

export const DATE_TIMES = [
  '2013-01-14T00:00:00Z',
  '2013-01-14T10:00:00Z',
  '2013-01-14T10:00:00.000Z',
  '2013-01-14T10:00:00.001Z',
  '2013-01-14T10:00:00.1Z',
  '2013-01-14T23:59:59.999Z',
  '2013-01-14T23:30:00-05:00',
  '2013-01-15T00:30:00+14:00',
  '2013-03-14T12:00:00+05:30',
  '2012-12-31T23:59:60Z',
  '2013-02-28T23:59:59+01:00',
] as const;

/** As they are written: precision and exponents stay. */
export const DECIMALS = [
  '0',
  '0.0',
  '1',
  '1.0',
  '1.5',
  '1.50',
  '1500',
  '1.5e3',
  '0.0015',
  '1.5e-3',
  '5.35',
  '5.4',
  '5.40',
  '5.45',
  '0.0054',
  '99.5',
  '100',
  '100.5',
  '1e2',
  '-1',
  '-1.5',
  '-100',
  '1000000',
  '12345.678',
] as const;

export const POSITIONS = [
  [52.52, 13.405],
  [52.5201, 13.4051],
  [52.53, 13.42],
  [48.137, 11.575],
  [0, 0],
  [0, 0.01],
  [-17.7, 179.999],
  [-17.7, -179.999],
  [-17.71, 180],
  [89.999, 0],
  [89.999, 180],
  [-90, 45],
  [-33.86, 151.21],
] as const;

/** Words of narratives and long texts: each is its own stem, and in no other pool. */
export const WORDS = ['fever', 'rash', 'lung', 'bone', 'liver', 'alpha', 'bravo', 'delta', 'zulu'] as const;
