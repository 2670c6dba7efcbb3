import fs from 'node:fs';
import path from 'node:path';
import { list, receiverOrigin, text, whole } from './readers.ts';
import { ConfigError } from './variables.ts';

/** What bots there are, and what they may. */
export interface BotsConfig {
  /** Names, or one of these words. */
  bots: 'demo' | 'all' | 'none' | string[];
  /** Absent: that of the release. */
  botsFolder: string | undefined;
  botRunsMax: number;
  /** Origins. */
  botFetchAllow: string[];
  /** By name. */
  botSecrets: ReadonlyMap<string, string>;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,40}$/;

/** @throws ConfigError that names the variable, and no secret */
export function readBots(env: NodeJS.ProcessEnv): BotsConfig {
  return {
    bots: wanted(list(env, 'BOTS')),
    botsFolder: readFolder(text(env, 'BOTS_FOLDER')),
    botRunsMax: whole(env, 'BOT_RUNS_MAX', 4, 1, 256),
    botFetchAllow: list(env, 'BOT_FETCH_ALLOW').map((value) => receiverOrigin(value, 'BOT_FETCH_ALLOW')),
    botSecrets: readSecrets(text(env, 'BOT_SECRETS_FILE')),
  };
}

/** @throws ConfigError where there is none: bots that are not found are switched off in the store. */
function readFolder(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const folder = path.resolve(name);
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ConfigError('BOTS_FOLDER', `is ${folder}, which is no folder`);
  return folder;
}

function wanted(names: string[]): BotsConfig['bots'] {
  const [first = 'demo'] = names;
  if (names.length <= 1 && (first === 'demo' || first === 'all' || first === 'none')) return first;
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined)
    throw new ConfigError('BOTS', `contains ${JSON.stringify(wrong)}, which is no name of a bot`);
  return names;
}

function readSecrets(file: string | undefined): ReadonlyMap<string, string> {
  if (file === undefined) return new Map();
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    throw new ConfigError('BOT_SECRETS_FILE', 'cannot be read, or is no JSON');
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const wrong = entries.find(([, secret]) => typeof secret !== 'string');
  if (Array.isArray(value) || typeof value !== 'object' || value === null || wrong)
    throw new ConfigError('BOT_SECRETS_FILE', 'is no JSON object of names and texts');
  return new Map(entries as [string, string][]);
}
