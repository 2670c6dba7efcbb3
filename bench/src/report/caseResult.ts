/** Server or floor in one case at one number of connections: medians over the rounds. */
export interface SideResult {
  requestsPerSecond: number;
  /** (greatest - least) / median of requestsPerSecond over the rounds. */
  spread: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time in seconds for 1,000 requests. */
  processCpuPer1000: number;
  postgresCpuPer1000: number;
  walBytesPerRequest: number;
  peakMemoryBytes: number;
  /** Processors busy with something else meanwhile. */
  othersCores: number;
  /** Requests/s of each round. */
  rounds: number[];
}

export interface CaseResult {
  name: string;
  title: string;
  connections: number;
  server: SideResult;
  /** What it is held against: the floor with its variant, or another case. */
  floor?: SideResult & { label: string };
  /** Median of the rounds' ratios, server / floor. */
  ratio?: number;
  /** Processor time of floor and its PostgreSQL / of server and its PostgreSQL: what a busy machine distorts least. */
  cpuRatio?: number;
  /** To be reached; given at TARGET_CONNECTIONS only. */
  target?: number;
  /** With any error the measurement is invalid. */
  errors: number;
  firstError?: string;
}
