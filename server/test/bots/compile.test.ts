import { expect, test } from '@jest/globals';
import { compile } from '../../src/bots/outside/compile.ts';

const GOOD = 'export async function handler(medplum: object, event: object) { return 1; }';

test('types are left out, and names that the package of Medplum does not have', async () => {
  const code = `import { MedplumClient, Patient } from '@medplum/core';\n${GOOD}`;
  const compiled = await compile(code, true);
  expect(compiled).toContain("import { MedplumClient } from '@medplum/core';");
  expect(compiled).not.toContain(': object');
  expect(await compile('exports.handler = 1;', false)).toBe('exports.handler = 1;');
});

test('code that breaks the parser is refused, and does not keep other code from being parsed', async () => {
  const deep = `export const handler = () => ${'['.repeat(50_000)}${']'.repeat(50_000)};`;
  await expect(compile(deep, true)).rejects.toMatchObject({ category: 'unprocessable' });
  expect(await compile(GOOD, true)).not.toContain(': object');
});

test('imports that never end take time by their number, not by its square', async () => {
  const code = `export const handler = 1;\n/*\n${'import {\n'.repeat(450_000)}*/`;
  expect(await compile(code, true)).toHaveLength(code.length);
}, 60_000);
