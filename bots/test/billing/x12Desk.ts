import type { KnownClaim, PayerBooks } from './payerBooks.ts';

interface Answer {
  status: number;
  type: string;
  body: string;
}

/** The payer's own X12, written and read without the library that the adapter uses: by cutting the text at its delimiters. */
export class X12Desk {
  readonly #payer: PayerBooks;

  constructor(payer: PayerBooks) {
    this.#payer = payer;
  }

  answer(method: string, url: URL, body: string): Answer {
    if (method === 'GET') return this.#remittance(url.searchParams.get('claim')!);
    this.#payer.interchanges.push(body);
    const segments = segmentsOf(body);
    const kind = segments.find(([tag]) => tag === 'ST')![1];
    if (kind === '270') return x12(this.#eligibility(segments));
    return x12(this.#claim(segments));
  }

  #eligibility(segments: string[][]): string {
    const trace = segments.find(([tag]) => tag === 'TRN')!;
    const member = segments.find(([tag, code]) => tag === 'NM1' && code === 'IL')!;
    const { insured } = this.#payer.manners;
    const answer = [
      ['BHT', '0022', '11', trace[2]!, '20260602', '1000'],
      ['HL', '1', '', '20', '1'],
      ['NM1', 'PR', '2', 'INSURER', '', '', '', '', 'PI', 'X'],
      ['HL', '2', '1', '22', '0'],
      ['TRN', '2', trace[2]!, trace[3]!],
      member,
      ...(member[9] === 'UNKNOWN'
        ? [['AAA', 'N', '', '75', 'C']]
        : [
            ['EB', insured ? '1' : '6', 'IND', '30'],
            ...(insured ? [['EB', 'B', 'IND', '30', '', '', '', '25.5']] : []),
          ]),
    ];
    return envelope('HB', '271', '005010X279A1', answer);
  }

  #claim(segments: string[][]): string {
    const [, number, , , , place] = segments.find(([tag]) => tag === 'CLM')!;
    if (!this.#payer.manners.refuses)
      this.#payer.receive(claimOf(segments, number!), place!.split(':')[2] === '8');
    const group = segments.find(([tag]) => tag === 'GS')!;
    const verdict = this.#payer.manners.refuses ? 'R' : 'A';
    return envelope('FA', '999', '005010X231A1', [
      ['AK1', 'HC', group[6]!, '005010X222A1'],
      ['AK2', '837', '0001', '005010X222A1'],
      ...(verdict === 'R' ? [['IK3', 'HI', '21', '', '3']] : []),
      ['IK5', verdict],
      ['AK9', verdict, '1', '1', verdict === 'A' ? '1' : '0'],
    ]);
  }

  #remittance(number: string): Answer {
    const known = this.#payer.claims.get(number);
    if (known?.state !== 'decided') return { status: 204, type: 'text/plain', body: '' };
    const body = envelope('HP', '835', '005010X221A1', this.#decided(known));
    return x12(this.#payer.manners.doubles ? `${body}\n${body}` : body);
  }

  #decided(known: KnownClaim): string[][] {
    const lines = this.#payer.decisions(known);
    const total = (of: (line: (typeof lines)[number]) => number): string =>
      amount(lines.reduce((sum, line) => sum + of(line), 0));
    return [
      [
        'BPR',
        'I',
        total(({ paid }) => paid),
        'C',
        'ACH',
        'CCP',
        '',
        '',
        '',
        '',
        '',
        '',
        '',
        '',
        '',
        '',
        '20260605',
      ],
      ['TRN', '1', `EFT-${known.number}`, '1999999999'],
      ['DTM', '405', '20260605'],
      ['N1', 'PR', 'INSURER'],
      ['N1', 'PE', 'CLINIC', 'XX', '9000000017'],
      ['LX', '1'],
      [
        'CLP',
        known.number,
        this.#payer.manners.decision === 'deny' ? '4' : '1',
        total(({ cents }) => cents),
        total(({ paid }) => paid),
        total(({ share }) => share),
        '12',
        `P-${known.number}`,
      ],
      ['NM1', 'QC', '1', 'WINTER', 'ADA'],
      ...lines.flatMap((line) => [
        [
          'SVC',
          `HC:${known.lines.find(({ sequence }) => sequence === line.sequence)!.procedure}`,
          amount(line.cents),
          amount(line.paid),
        ],
        ['DTM', '472', '20260601'],
        ...(line.writeOff > 0 ? [['CAS', 'CO', '45', amount(line.writeOff)]] : []),
        ...(line.share > 0 ? [['CAS', 'PR', '2', amount(line.share)]] : []),
        ['REF', '6R', String(line.sequence)],
      ]),
    ];
  }
}

function claimOf(segments: string[][], number: string): Omit<KnownClaim, 'state' | 'times'> {
  const lines: KnownClaim['lines'] = [];
  for (const [tag, first, second] of segments) {
    if (tag === 'SV1')
      lines.push({ sequence: 0, cents: Math.round(Number(second) * 100), procedure: first!.split(':')[1]! });
    if (tag === 'REF' && first === '6R') lines.at(-1)!.sequence = Number(second);
  }
  const replaced = segments.find(([tag, code]) => tag === 'REF' && code === 'F8')?.[2];
  const earlier = segments.filter(
    ([tag, code]) => (tag === 'AMT' && code === 'D') || (tag === 'CAS' && code === 'CO'),
  );
  return {
    number,
    lines,
    earlierCents: earlier.reduce((sum, segment) => sum + Math.round(Number(segment.at(-1)) * 100), 0),
    ...(replaced && { replaces: replaced }),
  };
}

const segmentsOf = (text: string): string[][] =>
  text
    .split('~')
    .map((segment) => segment.trim().split('*'))
    .filter(([tag]) => tag !== '');

const amount = (cents: number): string => String(cents / 100);
const x12 = (body: string): Answer => ({ status: 200, type: 'application/edi-x12', body });

function envelope(group: string, code: string, guide: string, segments: string[][]): string {
  const all = [
    [
      'ISA',
      '00',
      ' '.repeat(10),
      '00',
      ' '.repeat(10),
      'ZZ',
      'PAYER'.padEnd(15),
      'ZZ',
      'CLINIC'.padEnd(15),
      '260602',
      '1000',
      '^',
      '00501',
      '000000007',
      '0',
      'P',
      ':',
    ],
    ['GS', group, 'PAYER', 'CLINIC', '20260602', '1000', '7', 'X', guide],
    ['ST', code, '0001', guide],
    ...segments,
    ['SE', String(segments.length + 2), '0001'],
    ['GE', '1', '7'],
    ['IEA', '1', '000000007'],
  ];
  return all.map((segment) => `${segment.join('*')}~`).join('\n');
}
