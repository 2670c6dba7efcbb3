import { closeSync, openSync, renameSync, rmSync, writeSync, writeFileSync } from 'node:fs';
import type { Hl7Edition, Hl7Entry } from './hl7Files.ts';
import { laterResources, r4Resources, type Hl7Resource } from './hl7Sources.ts';
import { typeAndUrl, withNamedVersions } from './namedVersions.ts';

/**
 * Program: writes HL7's own terminology, one resource a line, into the file that its argument names, and beside it
 * where each one stands: R4's own first. A process of its own, since the whole takes much memory once.
 */
function main(file: string): void {
  const temporary = `${file}.${process.pid}`;
  const entries: Hl7Entry[] = [];
  const output = openSync(temporary, 'w');
  let offset = 0;
  const write = ({ text: _text, ...resource }: Hl7Resource, edition: Hl7Edition): void => {
    const { resourceType, url, version = '' } = resource;
    const line = Buffer.from(`${JSON.stringify(resource)}\n`);
    entries.push([resourceType, url, version, edition, offset, line.length]);
    writeSync(output, line);
    offset += line.length;
  };
  try {
    writeAll(write);
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

function writeAll(write: (resource: Hl7Resource, edition: Hl7Edition) => void): void {
  const r4 = new Set<string>();
  for (const resource of r4Resources()) {
    r4.add(typeAndUrl(resource.resourceType, resource.url));
    write(resource, 'r4');
  }
  const all = [...laterResources()];
  const later = new Map(
    all.map(({ resourceType, url, version = '' }) => [typeAndUrl(resourceType, url), version]),
  );
  for (const resource of all) {
    const isValueSet = resource.resourceType === 'ValueSet';
    write(isValueSet ? withNamedVersions(resource, { later, r4 }) : resource, 'later');
  }
}

main(process.argv[2]!);
