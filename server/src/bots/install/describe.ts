import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { OwnBot } from './definition.ts';

const DESCRIBE = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../guest/describe.ts');
const DESCRIBE_MS_MAX = 30_000;
const BYTES_MAX = 4 * 2 ** 20;
const run = promisify(execFile);

/** A bot's file. */
export interface BotFile {
  /** Of its folder. */
  name: string;
  file: string;
}

/** Those in folders of a folder, as `[name]/bot.ts`; none where there is no such folder. */
export function botFiles(folder: string): BotFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, file: path.join(folder, name, 'bot.ts') }))
    .filter(({ file }) => existsSync(file));
}

/** Changes whenever a definition may have. */
export function revisionOf(folder: string, files: readonly BotFile[]): string {
  const hash = createHash('sha256').update(JSON.stringify(files.map(({ name }) => name)));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(?:ts|json)$/.test(name) || name.includes('node_modules')) continue;
    hash.update(name).update(readFileSync(path.join(folder, name)));
  }
  return hash.digest('hex');
}

/** What the bots in these files are. @throws Error with what their process said */
export async function describeBots(files: readonly BotFile[]): Promise<OwnBot[]> {
  if (files.length === 0) return [];
  const args = ['--disable-warning=ExperimentalWarning', DESCRIBE, ...files.map(({ file }) => file)];
  const { stdout } = await run(process.execPath, args, {
    env: {},
    timeout: DESCRIBE_MS_MAX,
    maxBuffer: BYTES_MAX,
  });
  return JSON.parse(stdout) as OwnBot[];
}
