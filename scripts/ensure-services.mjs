/**
 * Runs before `npm test`: brings in the programs that some tests run against. Each file of scripts/services/
 * stands for one and exports
 *   name       what it is, for people;
 *   tests      which tests skip without it;
 *   isInstalled()
 *   install()  returns when the program is there, installing it first where that is possible (Debian, as root);
 *              throws an Error that says why not.
 * A missing program only means skipped tests at a desk, and a failure where CI is set.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'services');
const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));

for (const file of files.sort()) {
  const service = await import(pathToFileURL(path.join(folder, file)).href);
  if (!service.isInstalled()) console.error(`${service.name} is missing: trying to install it.`);
  try {
    await service.install();
  } catch (error) {
    console.error(`${service.name} is missing, so these tests skip: ${service.tests}. Why: ${error.message}`);
    if (process.env.CI) process.exitCode = 1;
  }
}
