import { pathToFileURL } from 'node:url';
import type { Program } from './frames.ts';
import { linesOf } from './lines.ts';
import { serve } from './serve.ts';

/** The main module of a Node process that runs bots of ours. */
async function load(program: Program): Promise<{ handler?: unknown }> {
  if (!('module' in program)) throw new Error('Code from outside runs elsewhere.');
  return (await import(pathToFileURL(program.module).href)) as { handler?: unknown };
}

await serve({ write: (line) => void process.stdout.write(line), lines: linesOf(process.stdin), load });
process.exit(0);
