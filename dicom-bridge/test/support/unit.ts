import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { program } from '../../../scripts/services/dcmtk.mjs';

/** A unit that takes associations on a port: dcmtk's storescp, which answers echoes. */
export function startUnit(aeTitle: string, port: number): ChildProcess {
  const args = ['--ignore', '--aetitle', aeTitle, String(port)];
  return spawn(program('storescp'), args, { stdio: 'ignore', cwd: os.tmpdir() });
}

/** Switches it off. */
export async function stopUnit(unit: ChildProcess): Promise<void> {
  if (unit.exitCode !== null || unit.signalCode !== null) return;
  const ended = once(unit, 'exit');
  unit.kill('SIGKILL');
  await ended;
}
