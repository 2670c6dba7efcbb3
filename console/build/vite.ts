import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Cornerstone is this large; nothing is gained by parts that are all needed at once. */
const CHUNK_KIB_MAX = 8_000;

/** No FHIR id, and so no study, has an underscore. */
const ASSETS = '_assets';

/**
 * Bundles a page: its files have hashes in their names, and are found beside it under whatever path it is served.
 *
 * @param page folder with an index.html
 * @param folder which is there, for what comes of it
 */
export async function bundle(page: string, folder: string): Promise<void> {
  await build({
    root: page,
    configFile: false,
    envFile: false,
    base: './',
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: false,
      assetsDir: ASSETS,
      assetsInlineLimit: 0, // the page's policy takes nothing that is part of a URL
      chunkSizeWarningLimit: CHUNK_KIB_MAX,
      modulePreload: { polyfill: false },
      target: 'es2022',
    },
    worker: { format: 'es' },
  });
  await shorten(path.join(folder, ASSETS));
}

/** Puts a file in gzip beside each, so that nobody has to make it while somebody waits. */
async function shorten(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: constants.Z_BEST_COMPRESSION }));
  }
}
