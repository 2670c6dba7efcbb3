import type { Variable } from './variable.ts';

/** Those about bots. */
export const BOT_VARIABLES = [
  {
    name: 'BOTS',
    type: 'demo, all, none or comma-separated names',
    default: 'demo',
    meaning:
      "MaxRay's own bots that are installed: those of a store with the demo clinic, all, none, or these",
  },
  {
    name: 'BOTS_FOLDER',
    type: 'folder',
    default: 'bots',
    meaning:
      'Where they are, each in a folder with bot.ts: they run with the rights of the operating system user',
  },
  {
    name: 'BOT_RUNS_MAX',
    type: 'whole number, 1 to 256',
    default: '4',
    meaning:
      'Bots that run at a time, each in a process of its own; those that bots call may be as many again',
  },
  {
    name: 'BOT_FETCH_ALLOW',
    type: 'comma-separated http or https origins',
    default: '',
    meaning:
      'Origins that bots from outside may reach though they are not public or have no https, where their Bots allow them too',
  },
  {
    name: 'BOT_SECRETS_FILE',
    type: 'JSON file of names and texts',
    default: '',
    meaning: 'Secrets for bots; each gets those alone that its Bot names',
  },
] as const satisfies readonly Variable[];
