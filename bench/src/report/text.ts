import type { TypeBytes } from '../database/bytes.ts';
import { INDEX_RATIO_TARGET } from '../database/bytes.ts';
import type { CaseResult, SideResult } from './caseResult.ts';
import { MEMORY_LIMIT_BYTES, type BenchResult, type RunHead } from './result.ts';

const MIB = 2 ** 20;

/** With separated thousands and so many decimals. */
export const number = (value: number, decimals = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
/** Bytes as whole MiB. */
export const mib = (bytes: number): string => number(bytes / MIB);
const percent = (part: number): string => `${number(part * 100)} %`;

/** A table in Markdown, padded so that it reads on a terminal as well. The first column is flush left. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => (at ? (cells[at] ?? '').padStart(width) : (cells[at] ?? '').padEnd(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, at) => (at ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
};

/** Whether a case reached what it was to reach, in a word; empty where nothing is to be reached. */
export const verdict = (result: CaseResult): string => {
  if (result.errors > 0) return 'INVALID';
  if (result.target === undefined || result.ratio === undefined) return '';
  return result.ratio >= result.target ? 'reached' : 'MISSED';
};

const SIDE_HEAD = ['req/s', '±', 'p50 ms', 'p99 ms', 'CPU s', 'PG CPU s', 'WAL B', 'MiB', 'others'];
const sideCells = (side: SideResult): string[] => [
  number(side.requestsPerSecond),
  percent(side.spread / 2),
  number(side.p50Ms, 2),
  number(side.p99Ms, 2),
  number(side.processCpuPer1000, 2),
  number(side.postgresCpuPer1000, 2),
  number(side.walBytesPerRequest),
  mib(side.peakMemoryBytes),
  number(side.othersCores, 2),
];

const caseRows = (result: CaseResult): string[][] => {
  const { ratio, cpuRatio, target, floor } = result;
  const twoDecimals = (value: number | undefined): string => (value === undefined ? '' : number(value, 2));
  const server = [
    result.title,
    String(result.connections),
    ...sideCells(result.server),
    twoDecimals(cpuRatio),
    twoDecimals(ratio),
    target === undefined ? '' : `>= ${number(target, 2)}`,
    verdict(result),
  ];
  return floor
    ? [server, [`  ${floor.label}`, String(result.connections), ...sideCells(floor), '', '', '', '']]
    : [server];
};

/** One case in a line, for progress. */
export const caseLine = (result: CaseResult): string => {
  const { server, floor, ratio } = result;
  const held =
    floor && ratio ? `, ${floor.label} ${number(floor.requestsPerSecond)}/s, ratio ${number(ratio, 2)}` : '';
  const line = `${result.title} at ${result.connections}: ${number(server.requestsPerSecond)}/s${held} ${verdict(result)}`;
  return result.firstError === undefined ? line.trimEnd() : `${line}: ${result.firstError}`;
};

/** Requests/s, latencies and cost of every case; a floor stands below its case. */
export const casesTable = (cases: readonly CaseResult[]): string =>
  table(['case', 'conn.', ...SIDE_HEAD, 'CPU ratio', 'ratio', 'target', ''], cases.flatMap(caseRows));

/** The others have too few resources for their share of half-empty pages to say much. */
const HELD_TO_TARGET = ['observation', 'all'];

const bytesRow = (bytes: TypeBytes): string[] => {
  const each = (sum: number): string => number(sum / bytes.resources);
  return [
    bytes.type,
    number(bytes.resources),
    each(bytes.content),
    each(bytes.heap),
    each(bytes.indexes),
    each(bytes.side),
    each(bytes.history),
    number(bytes.ratio, 2),
    ...(HELD_TO_TARGET.includes(bytes.type)
      ? [bytes.ratio <= INDEX_RATIO_TARGET ? 'reached' : 'MISSED']
      : []),
  ];
};

/** Bytes on disk a resource, for each type and for all. */
export const bytesTable = (bytes: readonly TypeBytes[]): string =>
  table(
    [
      'bytes a resource',
      'resources',
      'content',
      'heap',
      'indexes',
      'side',
      'history',
      '(ind.+side)/content',
      `<= ${INDEX_RATIO_TARGET}`,
    ],
    bytes.map(bytesRow),
  );

/** Which cases are invalid, and why; nothing where none is. */
export const invalidText = (cases: readonly CaseResult[]): string[] => {
  const errors = errorLines(cases);
  return errors.length ? [`Invalid, for errors:\n\n${errors.join('\n')}`] : [];
};

const errorLines = (cases: readonly CaseResult[]): string[] =>
  cases
    .filter((each) => each.errors > 0)
    .map(
      (each) =>
        `- ${each.title} at ${each.connections}: ${each.errors} errors, first: ${each.firstError ?? ''}`,
    );

/** Where and how it was measured. */
export const headLine = ({ machine, settings }: RunHead): string =>
  `${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.platform}; Node ${machine.node}, PostgreSQL ${machine.postgres}, durable; load generator on the same machine. Scale ${settings.scale}; ${settings.rounds} rounds of ${settings.seconds} s after ${settings.warmupSeconds} s.`;

/** The whole result as Markdown. */
export const resultText = (result: BenchResult): string => {
  const { load } = result;
  const memory = `${mib(result.peakMemoryBytes)} MiB at most (limit ${mib(MEMORY_LIMIT_BYTES)}): ${result.peakMemoryBytes < MEMORY_LIMIT_BYTES ? 'reached' : 'MISSED'}`;
  return [
    `# Benchmark of ${result.date.slice(0, 10)}, commit ${result.commit}`,
    headLine(result),
    load
      ? `Load by transactions over HTTP: ${number(load.resources)} resources, ${number(load.resourcesPerSecond)}/s.`
      : 'Data of an earlier run.',
    casesTable(result.cases),
    "Medians of the rounds; ± is half the spread. CPU: seconds for 1,000 requests, of the process and of all of PostgreSQL; WAL: bytes a request; others: processors busy with something else. CPU ratio: both CPU columns of the floor / those of the server. Ratio: median of the rounds' ratios.",
    ...invalidText(result.cases),
    `Memory of the server process, load included: ${memory}.`,
    bytesTable(result.bytes),
    "Heap: the type's table with its TOAST; side: ordered, strings, ranges, with their indexes (in 'all' also changes).",
  ].join('\n\n');
};
