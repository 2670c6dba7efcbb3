const LINE_INTERVAL_MS = 5_000;
const REDRAW_INTERVAL_MS = 200;

/** Progress of a long step on stderr: redrawn in place on a terminal, a line every few seconds elsewhere. */
export const progress = (what: string): ((done: number, all: number) => void) => {
  const startMs = performance.now();
  let toldMs = -Infinity;
  return (done, all) => {
    const nowMs = performance.now();
    const { isTTY } = process.stderr;
    const isLast = done === all;
    if (!isLast && nowMs - toldMs < (isTTY ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS)) return;
    toldMs = nowMs;
    const rate = Math.round((done * 1_000) / (nowMs - startMs));
    const line = `${what}: ${done} of ${all} (${Math.floor((done * 100) / all)} %, ${rate}/s)`;
    process.stderr.write(isTTY ? `\r${line}${isLast ? '\n' : ''}` : `${line}\n`);
  };
};
