import type { RunHead } from './result.ts';

/** Which run it was, where nothing but what is no case of requests was measured. @param title of what was */
export const aloneHead = (title: string, { date, commit, machine, settings }: RunHead): string =>
  [
    `# ${title}, ${date.slice(0, 10)}, commit ${commit}`,
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.platform}; Node ${machine.node}, PostgreSQL ${machine.postgres}. ${settings.rounds} rounds.`,
  ].join('\n\n');
