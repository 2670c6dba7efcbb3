import type { Action } from './actions.ts';

/** Elements that have a use for keys themselves. */
const TAKES_KEYS = 'select, input, textarea, dialog';

/** Runs actions by their keys. */
export function listenToKeys(actions: readonly Action[]): void {
  const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action] as const)));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest(TAKES_KEYS)) return;
    const action = byKey.get(event.key) ?? byKey.get(event.key.toLowerCase());
    if (!action) return;
    event.preventDefault();
    action.run();
  });
}
