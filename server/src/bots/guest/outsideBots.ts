import * as core from '@medplum/core';
import type { Program } from './frames.ts';
import { linesOf } from './lines.ts';
import { serve } from './serve.ts';

/** The main module of a Deno process that runs a bot from outside: it has no permissions, and nothing in it is a boundary. */
declare const Deno: {
  stdin: { readable: AsyncIterable<Uint8Array> };
  stdout: { writeSync(bytes: Uint8Array): number };
  exit(code: number): never;
};

const encoder = new TextEncoder();

function write(line: string): void {
  let bytes = encoder.encode(line);
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

/** A module, or what is none: `exports.handler = ...`. */
async function load(program: Program): Promise<{ handler?: unknown }> {
  if (!('code' in program)) throw new Error('Bots of ours run elsewhere.');
  const { code } = program;
  let script: ((...values: unknown[]) => unknown) | undefined;
  try {
    script = new Function('exports', 'module', 'require', `${code}\n`) as typeof script;
  } catch {
    // It has imports or exports, or faults, which its import tells of.
  }
  if (script === undefined) {
    const url = URL.createObjectURL(new Blob([code], { type: 'application/javascript' }));
    return (await import(url)) as object;
  }
  const module = { exports: {} as { handler?: unknown } };
  script(module.exports, module, required);
  return module.exports;
}

function required(name: string): unknown {
  if (name === '@medplum/core') return core;
  throw new Error(`The bot may require @medplum/core only, not '${name}': bundle what else it needs.`);
}

await serve({ write, lines: linesOf(Deno.stdin.readable), load });
Deno.exit(0);
