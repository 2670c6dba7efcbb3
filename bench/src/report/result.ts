import type { TypeBytes } from '../database/bytes.ts';
import type { EventFigures } from '../events/figures.ts';
import type { ImagingFigures } from '../imaging/figures.ts';
import type { LoadReport } from '../load/load.ts';
import type { TerminologyFigures } from '../terminology/measure.ts';
import type { ValidationFigures } from '../validation/measure.ts';
import type { CaseResult, SideResult } from './caseResult.ts';

export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  platform: string;
  node: string;
  postgres: string;
}

/** Which run it was. */
export interface RunHead {
  /** ISO 8601, UTC. */
  date: string;
  /** Short commit; with '+' where the checkout had changes. */
  commit: string;
  machine: Machine;
  settings: { scale: number; seconds: number; warmupSeconds: number; rounds: number };
}

export interface BenchResult extends RunHead {
  load?: LoadReport;
  /** Measured right after the load, before any case. */
  bytes: TypeBytes[];
  cases: CaseResult[];
  validation?: ValidationFigures[];
  terminology?: TerminologyFigures[];
  events?: EventFigures;
  imaging?: ImagingFigures;
  /** The most that the server process held, load included. */
  peakMemoryBytes: number;
}

/** One case on two servers, of which one has more data, at TARGET_CONNECTIONS. */
export interface GrowthCase {
  name: string;
  title: string;
  small: SideResult;
  large: SideResult;
  /** Median of the rounds' ratios of the latencies' medians, large / small. */
  p50Ratio: number;
  errors: number;
  firstError?: string;
}

export interface GrowthResult extends RunHead {
  /** How many times as much data the larger one has. */
  growth: number;
  cases: GrowthCase[];
}

/** To be reached: p50Ratio. */
export const GROWTH_RATIO_TARGET = 1.5;

/** The server must stay below this throughout. */
export const MEMORY_LIMIT_BYTES = 300 * 1024 * 1024;

/** A pass over the bundles of an import. */
export interface ImportPass {
  resources: number;
  seconds: number;
  resourcesPerSecond: number;
}

/** One transaction of very many entries. */
export interface LargeTransaction {
  entries: number;
  seconds: number;
  peakMemoryBytes: number;
}

/** What an import of the Synthea set took. */
export interface ImportFigures {
  bundles: number;
  bytes: number;
  server: ImportPass & { peakMemoryBytes: number };
  /** Before the server and after it. */
  floor: { label: string; passes: ImportPass[] };
  /** Resources/s of the server / the floor's mean. */
  ratio: number;
  large: LargeTransaction;
}

export type ImportResult = RunHead & ImportFigures;

/** To be reached: ratio. */
export const IMPORT_RATIO_TARGET = 0.3;
/** The server must stay below these: while bundles are loaded, and with one transaction of 10,000 entries. */
export const IMPORT_MEMORY_LIMIT_BYTES = 500 * 1024 * 1024;
export const LARGE_MEMORY_LIMIT_BYTES = 600 * 1024 * 1024;
