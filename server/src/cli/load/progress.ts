/** Where text goes: `process.stdout`, `process.stderr`, or a test's. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** How far the load has come; counted up while it runs. */
export interface Tally {
  /** Read from disk. */
  bytesRead: number;
  /** Read from disk when what was sent last, and is done, was read. */
  bytesDone: number;
  /** Of all files on disk. */
  bytesInAll: number;
  filesDone: number;
  filesSkipped: number;
  resources: number;
  /** Resources that earlier runs have stored. */
  resourcesBefore: number;
  errors: number;
}

export const emptyTally = (): Tally => ({
  bytesRead: 0,
  bytesDone: 0,
  bytesInAll: 0,
  filesDone: 0,
  filesSkipped: 0,
  resources: 0,
  resourcesBefore: 0,
  errors: 0,
});

const TERMINAL_INTERVAL_MS = 200;
const LINE_INTERVAL_MS = 1000;
const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[2K';

/** Shows the tally from time to time until it is stopped: a bar on a terminal, a line every second elsewhere. */
export function showProgress(tally: Tally, output: Output): { stop(): void } {
  const startMs = performance.now();
  const terminal = output.isTTY === true;
  const show = (): void => {
    const line = progressLine(tally, (performance.now() - startMs) / 1000);
    if (terminal) output.write(CLEAR_LINE + `${bar(tally)} ${line}`.slice(0, (output.columns ?? 80) - 1));
    else output.write(`${line}\n`);
  };
  const timer = setInterval(show, terminal ? TERMINAL_INTERVAL_MS : LINE_INTERVAL_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      if (terminal) output.write(CLEAR_LINE);
    },
  };
}

/** Share of the input that is done. */
const share = ({ bytesDone, bytesInAll }: Tally): number =>
  bytesInAll === 0 ? 1 : Math.min(1, bytesDone / bytesInAll);

function bar(tally: Tally): string {
  const done = Math.round(share(tally) * BAR_WIDTH);
  return `[${'#'.repeat(done)}${'.'.repeat(BAR_WIDTH - done)}]`;
}

export function progressLine(tally: Tally, seconds: number): string {
  return [
    `${Math.floor(share(tally) * 100)} %`,
    `${count(tally.filesDone)} files`,
    `${count(tally.resources)} resources`,
    `${count(rate(tally.resources, seconds))} resources/s`,
    `${count(tally.errors)} errors`,
  ].join(', ');
}

/** Resources a second, whole. */
export const rate = (resources: number, seconds: number): number =>
  seconds > 0 ? Math.round(resources / seconds) : 0;

/** A whole number with commas between thousands. */
export const count = (number: number): string => number.toLocaleString('en-US');
