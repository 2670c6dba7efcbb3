/** Writes docs/profiles/ anew from fhir-profiles/. Run after changing a definition or an example; --check only says what is stale. */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import prettier from 'prettier';
import { renderPages } from '../../fhir-profiles/src/pages/pages.ts';

const folder = path.join(import.meta.dirname, '..', '..', 'docs', 'profiles');
const options = await prettier.resolveConfig(path.join(folder, 'README.md'));
mkdirSync(folder, { recursive: true });
const there = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
);
const pages = new Map();
for (const [name, text] of renderPages())
  pages.set(name, await prettier.format(text, { ...options, parser: 'markdown' }));

const stale = [...new Set([...pages.keys(), ...there.keys()])].filter(
  (name) => pages.get(name) !== there.get(name),
);
if (process.argv.includes('--check')) {
  for (const name of stale)
    console.error(`docs/profiles/${name} is stale: run npx node scripts/docs/profiles.mjs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    const file = path.join(folder, name);
    if (pages.has(name)) writeFileSync(file, pages.get(name));
    else rmSync(file);
  }
}
