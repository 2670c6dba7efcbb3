import { readConfig } from '../../config.ts';
import type { Walk } from '../../store/reindex/walks.ts';
import { openStoreForTools } from '../openStore.ts';

/** Between two lines about the same type. */
const PROGRESS_MS = 2_000;

/**
 * `maxray reindex`: brings the index up to date, at full speed; servers may go on working. It does what POST $reindex does,
 * and ends when nothing is left.
 *
 * @param args `--all`: every type, whether it is known to need it or not
 * @returns exit code: 0 when the index is complete
 */
export async function runReindex(
  args: string[],
  say: (line: string) => void,
  tenant?: string,
): Promise<number> {
  if (args.some((argument) => argument !== '--all')) {
    say('maxray reindex takes --all only: every type, whether it is known to need it or not');
    return 2;
  }
  const { store, close } = await openStoreForTools(readConfig(process.env), tenant);
  try {
    await store.reindexing.request({ all: args.includes('--all') });
    await store.reindexing.runToEnd(throttled(say));
    const { walks, parameters } = await store.reindexing.status();
    for (const { id, fault } of parameters)
      if (fault !== undefined) say(`SearchParameter/${id} is not used: ${fault}`);
    const open = walks.filter(({ finished }) => !finished);
    for (const { type, fault } of open)
      say(`${type} is not complete${fault === undefined ? ': a server is at it' : `: ${fault}`}`);
    const [done, changed] = [sum(walks, 'done'), sum(walks, 'changed')];
    say(
      `${done} resources looked at, the rows of ${changed} rewritten; ${open.length} types are not complete`,
    );
    return open.length === 0 ? 0 : 1;
  } finally {
    await close();
  }
}

function sum(walks: readonly Walk[], name: 'done' | 'changed'): number {
  return walks.reduce((total, walk) => total + walk[name], 0);
}

function throttled(say: (line: string) => void): (walk: Walk) => void {
  let saidMs = -Infinity;
  let type = '';
  return (walk) => {
    if (walk.type === type && performance.now() - saidMs < PROGRESS_MS) return;
    ({ type } = walk);
    saidMs = performance.now();
    say(`${type}: ${walk.done}${walk.total === undefined ? '' : ` of ${walk.total}`}`);
  };
}
