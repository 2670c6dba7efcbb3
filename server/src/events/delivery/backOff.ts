/** Before the first further attempt, in milliseconds; before each one after it, twice as long. */
export const BACK_OFF_MS_MIN = 1_000;
export const BACK_OFF_MS_MAX = 3_600_000;
/** Attempts at one event before it is given up: over some five hours. */
export const ATTEMPTS_MAX = 16;
/** Attempts at a handshake. */
export const HANDSHAKE_ATTEMPTS_MAX = 4;

/** How long to wait after so many failures in a row: between half and all of it, so that those who failed together do not come back together. */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(failures - 1, 30));
  return whole / 2 + (random() * whole) / 2;
}
