import type { HeldTool } from '../images/tools.ts';

/** What the reader can do, by a button, a key or both. */
export interface Action {
  label: string;
  /** Members of KeyboardEvent.key; the first is shown. */
  keys: readonly string[];
  /** How the keys are called, where that is not the first of them. */
  keysShown?: string;
  /** Path of a picture of 24 by 24; absent: there is no button. */
  icon?: string;
  /** A tool that stays in the hand. */
  tool?: HeldTool;
  /** Begins a group of buttons. */
  begins?: boolean;
  run(): void;
}

/** What actions act upon. */
export interface Acting {
  hold(tool: HeldTool): void;
  step(images: number): void;
  rotate(quarters: number): void;
  flip(): void;
  invert(): void;
  reset(): void;
  zoom(factor: number): void;
  /** What dragging does with the tool in the hand, in steps. */
  nudge(right: number, down: number): void;
  removeMeasurement(): void;
  compare(): void;
  help(): void;
}

const NEARER = 1.25;

export const actionsOn = (on: Acting): Action[] => [
  tool(
    on,
    'window',
    'Window',
    'w',
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 3v18M12 8h7.5M12 12h9M12 16h7.5',
  ),
  tool(
    on,
    'zoom',
    'Zoom',
    'z',
    'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21M10.5 8v5M8 10.5h5',
  ),
  tool(on, 'pan', 'Move', 'p', 'M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3'),
  tool(on, 'length', 'Measure', 'm', 'M3 16 16 3l5 5L8 21zM7 12l2 2M10 9l3 3M13 6l2 2'),
  {
    ...{ label: 'Previous', keys: ['PageUp', ','], keysShown: 'Page up', begins: true },
    icon: 'M15 5l-7 7 7 7',
    run: () => on.step(-1),
  },
  {
    ...{ label: 'Next', keys: ['PageDown', '.'], keysShown: 'Page down' },
    icon: 'M9 5l7 7-7 7',
    run: () => on.step(1),
  },
  {
    ...{ label: 'Turn', keys: ['r'], begins: true },
    icon: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5',
    run: () => on.rotate(1),
  },
  { label: 'Turn back', keys: ['R'], keysShown: 'Shift R', run: () => on.rotate(-1) },
  { label: 'Mirror', keys: ['h'], icon: 'M12 3v18M9 7l-6 10h6zM15 7l6 10h-6z', run: () => on.flip() },
  {
    label: 'Invert',
    keys: ['i'],
    icon: 'M4 4h16v16H4zM4 20 20 4M8 8h3M13 16h3M14.500 14.500v3',
    run: () => on.invert(),
  },
  {
    ...{ label: 'Reset', keys: ['0'], begins: true },
    icon: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9 9h6v6H9z',
    run: () => on.reset(),
  },
  {
    ...{ label: 'Undo measure', keys: ['Backspace', 'Delete'], keysShown: 'Backspace' },
    icon: 'M8 5 3 10l5 5M3 10h11a5 5 0 0 1 0 10h-3',
    run: () => on.removeMeasurement(),
  },
  {
    ...{ label: 'Compare', keys: ['c'], begins: true },
    icon: 'M3 5h8v14H3zM13 5h8v14h-8z',
    run: () => on.compare(),
  },
  {
    label: 'Keys',
    keys: ['?'],
    icon: 'M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8',
    run: () => on.help(),
  },
  { label: 'Nearer', keys: ['+', '='], run: () => on.zoom(NEARER) },
  { label: 'Farther', keys: ['-'], run: () => on.zoom(1 / NEARER) },
  {
    label: 'What dragging does with the tool',
    keys: ['ArrowUp'],
    keysShown: 'Arrows',
    run: () => on.nudge(0, -1),
  },
  { label: '', keys: ['ArrowDown'], run: () => on.nudge(0, 1) },
  { label: '', keys: ['ArrowLeft'], run: () => on.nudge(-1, 0) },
  { label: '', keys: ['ArrowRight'], run: () => on.nudge(1, 0) },
];

const tool = (on: Acting, held: HeldTool, label: string, key: string, icon: string): Action => ({
  ...{ label, keys: [key], icon, tool: held },
  run: () => on.hold(held),
});
