import path from 'node:path';
import type { Release, ReleaseStep } from './release.ts';

const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
/** Places of columns in RXNCONSO.RRF, RXNREL.RRF and RXNSTY.RRF. */
const CONSO = { RXCUI: 0, LAT: 1, RXAUI: 7, SAB: 11, TTY: 12, STR: 14, SUPPRESS: 16 } as const;
const REL = { RXCUI1: 0, RXCUI2: 4, RELA: 7, SAB: 10, SUPPRESS: 14 } as const;
const TYPES = { RXCUI: 0, TUI: 1 } as const;
/** Kinds of names that are best shown, from the last to the first. */
const SHOWN = [
  'SY',
  'TMSY',
  'PSN',
  'PIN',
  'MIN',
  'DF',
  'DFG',
  'BN',
  'IN',
  'SCDC',
  'SCDF',
  'SBDC',
  'SBDF',
  'BPCK',
  'GPCK',
  'SBD',
  'SCD',
];
const OBSOLETE = 'O';

/** RxNorm in rich release format. */
export function rxNormRelease(files: readonly string[]): Release | undefined {
  const named = (name: string) => files.find((file) => path.basename(file) === name);
  const names = named('RXNCONSO.RRF');
  if (names === undefined) return undefined;
  const [relations, types] = [named('RXNREL.RRF'), named('RXNSTY.RRF')];
  const [, month, day, year] = /RxNorm_\w+?_(\d\d)(\d\d)(\d{4})/.exec(names) ?? [];
  return {
    url: RXNORM,
    version: year === undefined ? undefined : `${year}-${month}-${day}`,
    header: {
      name: 'RxNorm',
      title: 'RxNorm',
      language: 'en',
      caseSensitive: false,
      isHierarchical: true,
      properties: ['TTY', 'STY'].map((code) => ({ code, type: 'code' })),
    },
    steps: [
      step('names', names, (field) => {
        if (field(CONSO.SAB) !== 'RXNORM') return [];
        const [code, type, suppressed] = [field(CONSO.RXCUI), field(CONSO.TTY), field(CONSO.SUPPRESS)];
        const use = JSON.stringify({ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: type });
        const shared = { code, id: field(CONSO.RXAUI), language: 'en', use };
        return [
          { kind: 'concept', code, inactive: suppressed === OBSOLETE },
          { kind: 'term', ...shared, value: field(CONSO.STR), rank: SHOWN.indexOf(type) + 1 },
          { kind: 'property', code, property: 'TTY', value: type },
        ];
      }),
      ...(relations === undefined ? [] : [step('relations', relations, relationRows)]),
      ...(types === undefined ? [] : [step('semantic types', types, typeRows)]),
    ],
  };
}

const step = (name: string, file: string, read: ReleaseStep['read']): ReleaseStep => ({
  name: `${name} (${path.basename(file)})`,
  file,
  separator: '|',
  hasHeader: false,
  read,
});

/** A line says what the second concept is to the first. */
const relationRows: ReleaseStep['read'] = (field) => {
  const [first, second, relation] = [field(REL.RXCUI1), field(REL.RXCUI2), field(REL.RELA)];
  if (field(REL.SAB) !== 'RXNORM' || first === '' || second === '' || relation === '') return [];
  if (relation === 'isa') return [{ kind: 'parent', code: second, parent: first }];
  return [{ kind: 'property', code: second, property: relation, value: first }];
};

const typeRows: ReleaseStep['read'] = (field) => [
  { kind: 'property', code: field(TYPES.RXCUI), property: 'STY', value: field(TYPES.TUI) },
];
