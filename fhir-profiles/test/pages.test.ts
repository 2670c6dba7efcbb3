import { expect, test } from '@jest/globals';
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const FOLDER = 'docs/profiles';

test.each([
  ['docs/profiles', 'profiles.mjs'],
  ['fhir-profiles/snapshots', 'snapshots.mjs'],
])('%s is what fhir-profiles/resources says', (_, script) => {
  const options: ExecFileSyncOptions = { encoding: 'utf8', stdio: 'pipe' };
  // It names on stderr what is stale, which Node puts into the error's message.
  expect(() => execFileSync(process.execPath, [`scripts/docs/${script}`, '--check'], options)).not.toThrow();
});

test('its links lead somewhere', () => {
  for (const page of readdirSync(FOLDER)) {
    const text = readFileSync(path.join(FOLDER, page), 'utf8').replaceAll(/`[^`]*`/g, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('http')) expect(target).toMatch(/^http:\/\/hl7\.org\/fhir\/R4\//);
      else expect(() => readFileSync(path.join(FOLDER, target.replace(/#.*/, '')))).not.toThrow();
    }
  }
});
