import { parseArgs } from 'node:util';
import { caseNamed, CASES } from './cases/all.ts';
import type { BenchCase } from './cases/case.ts';

export interface BenchOptions {
  scale: number;
  /** Measured time of one window. */
  seconds: number;
  warmupSeconds: number;
  /** Absent: as each case has it. */
  connections: number[] | undefined;
  rounds: number;
  cases: BenchCase[];
  /** Whether validation is measured, which needs neither server nor PostgreSQL. */
  validation: boolean;
  /** Whether terminology is measured, with a server of its own. */
  terminology: boolean;
  /** Whether telling of events is measured, with servers of its own. */
  events: boolean;
  /** Whether storing and retrieving images is measured, with servers of its own; by name alone, since it needs programs of Debian. */
  imaging: boolean;
  /** Use what the last run loaded, where it is the same plan. */
  reuse: boolean;
  profile: boolean;
  /** How many times as much data the larger of two servers has, which are then compared; absent: no such run. */
  growth: number | undefined;
  /** Import the Synthea set instead. */
  import: boolean;
  compare: string | undefined;
  /** Entry of another server to measure, such as that of another checkout. */
  server: string | undefined;
  /** Whether results are written to bench/results. */
  save: boolean;
}

/** No cases of requests against a floor, but named by --only as these are. */
const VALIDATION = 'validation';
const TERMINOLOGY = 'terminology';
const EVENTS = 'events';
const IMAGING = 'imaging';
const OTHERS = [VALIDATION, TERMINOLOGY, EVENTS, IMAGING];

const NAMES_IN_LINE = 4;
const caseList = (): string => {
  const names = [...CASES.map((each) => each.name), ...OTHERS];
  const lines = Math.ceil(names.length / NAMES_IN_LINE);
  const line = (at: number): string => names.slice(at * NAMES_IN_LINE, (at + 1) * NAMES_IN_LINE).join(', ');
  return Array.from({ length: lines }, (_, at) => `\n                         ${line(at)}`).join(',');
};

export const USAGE = `npm run bench -- [options]
  --scale N            size of the data: 1 is 1,000 patients and 100,000 Observations   (default 1)
  --seconds N          measured seconds of a window                                     (default 5)
  --warmup N           seconds of load before each window                               (default 1)
  --connections LIST   numbers of connections                                (default 1,16,64; searches 16)
  --rounds N           pairs of windows, server and floor in turn                       (default 3)
  --only LIST          cases:${caseList()}
  --reuse              keep the data of the last run where it has the same size
  --profile            profile the server instead: processor time by function, waits of PostgreSQL
  --growth N           compare latencies with those on N times as much data, such as 10, without floors
  --import             import the Synthea set (SHARED_DIR) instead, and one transaction of 10,000 entries
  --compare FILE       compare with an earlier result (bench/results/*.json)
  --server FILE        measure the server with this entry (default server/src/main.ts)
  --no-save            write no result file
  --help`;

const positive = (name: string, text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new Error(`--${name} takes a number above 0, not '${text}'`);
  return value;
};

const whole = (name: string, text: string): number => {
  const value = positive(name, text);
  if (!Number.isInteger(value)) throw new Error(`--${name} takes whole numbers, not '${text}'`);
  return value;
};

/** Reads the command line; what it does not know is an error. Undefined where only help is asked for. */
export const parseOptions = (args: string[]): BenchOptions | undefined => {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      scale: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '1' },
      connections: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      reuse: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      growth: { type: 'string' },
      import: { type: 'boolean', default: false },
      compare: { type: 'string' },
      server: { type: 'string' },
      save: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only?.split(',');
  return {
    scale: positive('scale', values.scale),
    seconds: positive('seconds', values.seconds),
    warmupSeconds: positive('warmup', values.warmup),
    connections: values.connections?.split(',').map((text) => whole('connections', text)),
    rounds: whole('rounds', values.rounds),
    cases: only === undefined ? [...CASES] : only.filter((name) => !OTHERS.includes(name)).map(caseNamed),
    validation: only?.includes(VALIDATION) ?? true,
    terminology: only?.includes(TERMINOLOGY) ?? true,
    events: only?.includes(EVENTS) ?? true,
    imaging: only?.includes(IMAGING) ?? false,
    reuse: values.reuse,
    profile: values.profile,
    growth: values.growth === undefined ? undefined : positive('growth', values.growth),
    import: values.import,
    compare: values.compare,
    server: values.server,
    save: values.save,
  };
};
