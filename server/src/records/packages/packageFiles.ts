import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import { readTar } from './tar.ts';

/** Files of one package, those that are not read included; hl7.terminology has some 8,000. */
export const PACKAGE_ENTRIES_MAX = 100_000;
/** Largest file of a package that is read. */
export const PACKAGE_FILE_BYTES_MAX = 128 * 1024 * 1024;
/** All files of a package that are read, unpacked. */
export const PACKAGE_BYTES_MAX = 4 * 1024 * 1024 * 1024;

/** One JSON file that stands in the folder `package` itself: examples and other parts stand below it. */
export interface PackageFile {
  name: string;
  bytes: Buffer;
}

/** The files of a package, which can be read more than once. */
export type PackageFiles = () => AsyncGenerator<PackageFile, void>;

/** `tar -czf x.tgz ./package` writes names with a dot. */
const READ = /^(?:\.\/)?package\/([^/\\]+\.json)$/;

/** Of a package that is an archive (.tgz): in memory, or a file. Nothing of it is ever written. */
export function archiveFiles(archive: Buffer | string): PackageFiles {
  return async function* () {
    const limits = new Limits();
    const source: Readable =
      typeof archive === 'string' ? createReadStream(archive) : Readable.from([archive]);
    const unpacked = source.pipe(createGunzip());
    source.on('error', (error) => unpacked.destroy(error));
    try {
      for await (const { name, sizeBytes, chunks } of readTar(unpacked)) {
        limits.entry();
        const [, file] = READ.exec(name) ?? [];
        if (file === undefined) continue;
        limits.file(file, sizeBytes);
        const pieces: Uint8Array[] = [];
        for await (const chunk of chunks) pieces.push(chunk);
        yield { name: file, bytes: Buffer.concat(pieces) };
      }
    } catch (error) {
      throw asUnreadable(error);
    } finally {
      source.destroy();
      unpacked.destroy();
    }
  };
}

/** Of a package that is unpacked, as in the package cache of FHIR's tools. @param folder the one with `package` in it */
export function folderFiles(folder: string): PackageFiles {
  return async function* () {
    const limits = new Limits();
    const inner = path.join(folder, 'package');
    for (const entry of await readdir(inner, { withFileTypes: true })) {
      limits.entry();
      if (!entry.isFile() || !entry.name.endsWith('.json')) continue;
      const file = path.join(inner, entry.name);
      limits.file(entry.name, (await stat(file)).size);
      yield { name: entry.name, bytes: await readFile(file) };
    }
  };
}

class Limits {
  #entries = 0;
  #bytes = 0;

  entry(): void {
    this.#entries += 1;
    if (this.#entries > PACKAGE_ENTRIES_MAX)
      throw tooLarge(`The package has more than ${PACKAGE_ENTRIES_MAX} files: it is not loaded.`);
  }

  file(name: string, sizeBytes: number): void {
    this.#bytes += sizeBytes;
    if (sizeBytes > PACKAGE_FILE_BYTES_MAX)
      throw tooLarge(
        `The file ${name} of the package is larger than ${PACKAGE_FILE_BYTES_MAX} bytes: it is not loaded.`,
      );
    if (this.#bytes > PACKAGE_BYTES_MAX)
      throw tooLarge(`The package is larger than ${PACKAGE_BYTES_MAX} bytes: it is not loaded.`);
  }
}

const tooLarge = (text: string) => fhirError('too-large', 'too-long', text);

const NO_FILE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'reading it is not allowed',
  EISDIR: 'it is a folder',
};

/** Errors of gzip and tar say nothing of content. */
function asUnreadable(error: unknown): unknown {
  if (error instanceof FhirError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = NO_FILE[code] ?? message;
  return fhirError('incorrect', 'structure', `The package cannot be read: ${reason}.`);
}
