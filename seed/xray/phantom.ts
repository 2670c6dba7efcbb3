/** An image of an ankle that is drawn, not taken: nobody's. */
export interface Phantom {
  rows: number;
  columns: number;
  /** 12 bits each, row by row; what lets more radiation through is darker (MONOCHROME2). */
  pixels: Uint16Array;
}

export type View = 'ap' | 'lateral';

const { max, min, round, sqrt } = Math; // a million times each: the name is looked up once

const ROWS = 1_024;
const COLUMNS = 832;
const BITS = 12;
const VALUE_MAX = 2 ** BITS - 1;

const AIR = 180;
const TISSUE = 900;
const BONE = 1_250;
const CORTEX = 500;
const NOISE = 45;
/** How soft edges are, in pixels. */
const BLUR = 5;

/** A rod with round ends: positions in parts of the image's width and height, the radius in parts of the width. */
type Rod = readonly [x1: number, y1: number, x2: number, y2: number, radius: number];

const SHAPES: Record<View, { tissue: readonly Rod[]; bones: readonly Rod[] }> = {
  ap: {
    tissue: [
      [0.5, -0.1, 0.5, 0.66, 0.27],
      [0.5, 0.66, 0.5, 0.92, 0.3],
    ],
    bones: [
      [0.46, -0.1, 0.46, 0.55, 0.095],
      [0.41, 0.52, 0.4, 0.61, 0.045],
      [0.66, -0.1, 0.64, 0.62, 0.042],
      [0.47, 0.68, 0.57, 0.68, 0.075],
      [0.5, 0.82, 0.55, 0.86, 0.1],
    ],
  },
  lateral: {
    tissue: [
      [0.42, -0.1, 0.42, 0.6, 0.24],
      [0.3, 0.76, 0.95, 0.84, 0.16],
    ],
    bones: [
      [0.42, -0.1, 0.42, 0.55, 0.1],
      [0.5, -0.1, 0.47, 0.58, 0.04],
      [0.42, 0.66, 0.52, 0.67, 0.085],
      [0.27, 0.78, 0.44, 0.79, 0.085],
      [0.62, 0.73, 0.7, 0.75, 0.065],
      [0.76, 0.79, 1.05, 0.88, 0.035],
    ],
  },
};

/** Across the lateral malleolus, as the report says. */
const FRACTURE: Record<View, Rod> = {
  ap: [0.605, 0.565, 0.69, 0.548, 0.006],
  lateral: [0.43, 0.535, 0.51, 0.52, 0.006],
};
/** Of the bone's density. */
const CRACK = 0.5;

/** The same image each time. */
export function phantom(view: View): Phantom {
  const pixels = new Uint16Array(ROWS * COLUMNS);
  const { tissue, bones } = SHAPES[view];
  const noise = noiseOf(view === 'ap' ? 1 : 2);
  for (let row = 0; row < ROWS; row += 1)
    for (let column = 0; column < COLUMNS; column += 1) {
      const at = { x: column / COLUMNS, y: row / ROWS };
      const soft = tissue.reduce((deepest, rod) => max(deepest, depth(at, rod)), 0);
      const whole = 1 - CRACK * depth(at, FRACTURE[view]);
      const value = AIR + TISSUE * soft + boneAt(at, bones) * whole + NOISE * noise();
      pixels[row * COLUMNS + column] = max(0, min(VALUE_MAX, round(value)));
    }
  return { rows: ROWS, columns: COLUMNS, pixels };
}

/** Their rim is denser than what is within; of bones one behind the other the densest counts, and a little of the rest. */
function boneAt(at: { x: number; y: number }, bones: readonly Rod[]): number {
  let [densest, sum] = [0, 0];
  for (const rod of bones) {
    const inside = depth(at, rod);
    const density = BONE * inside * 0.6 + CORTEX * 4 * inside * (1 - inside);
    densest = max(densest, density);
    sum += density;
  }
  return densest + BEHIND * (sum - densest);
}

/** What is left of a bone behind another. */
const BEHIND = 0.25;

/** 0 outside, 1 on the axis: how much of a rod a ray passes. */
function depth({ x, y }: { x: number; y: number }, [x1, y1, x2, y2, radius]: Rod): number {
  const scale = ROWS / COLUMNS;
  const [dx, dy] = [x2 - x1, (y2 - y1) * scale];
  const [px, py] = [x - x1, (y - y1) * scale];
  const along = max(0, min(1, (px * dx + py * dy) / (dx * dx + dy * dy)));
  const [ax, ay] = [px - along * dx, py - along * dy];
  const squared = (ax * ax + ay * ay) / (radius * radius);
  if (squared >= 1) return 0;
  const edge = min(1, ((1 - sqrt(squared)) * radius * COLUMNS) / BLUR);
  return sqrt(1 - squared) * edge;
}

/** Between -1 and 1, the same series for the same seed (a linear congruential generator). */
function noiseOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
