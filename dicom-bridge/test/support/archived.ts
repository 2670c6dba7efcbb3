import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestBridge } from './bridge.ts';
import { until } from './until.ts';

/** Writes an object into a folder, as soon as the archive has it. @returns its file */
export async function archivedFile(
  bridge: Pick<TestBridge, 'ask'>,
  sopInstanceUid: string,
  folder: string,
): Promise<string> {
  const response = await until(
    () => bridge.ask(`/objects/${sopInstanceUid}`),
    ({ status }) => status === 200,
  );
  const file = path.join(folder, `${sopInstanceUid}.dcm`);
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return file;
}
