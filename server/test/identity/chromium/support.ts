import { afterAll, beforeAll } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { isInstalled, tests } from '../../../../scripts/services/chromium.mjs';
import { Chromium, type ChromiumPage } from '../../support/chromium.ts';

export { isInstalled };
export const WHAT = `${tests}`;

/** Where PAGE_PICTURES says, pictures of the pages are kept, to be looked at. */
const folder = process.env.PAGE_PICTURES;

export async function picture(page: ChromiumPage, name: string): Promise<void> {
  if (folder === undefined) return;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${name}.png`), await page.screenshot());
}

/** A Chromium for the tests of a file. */
export function chromiumForFile(): () => Chromium {
  let chromium: Chromium;
  beforeAll(() => {
    if (isInstalled()) chromium = new Chromium();
  });
  afterAll(() => chromium?.close());
  return () => chromium;
}

/** What a person who uses a screen reader depends on: each field has a label, the page a language and one heading. */
export const FAULTS = `(() => {
  const fields = [...document.querySelectorAll('input:not([type=hidden]), select, textarea')];
  const unlabelled = fields.filter((field) => field.labels.length === 0).map((field) => field.name);
  const nameless = [...document.querySelectorAll('button, a')].filter((one) => one.innerText.trim() === '').length;
  const headings = document.querySelectorAll('h1').length;
  return [...unlabelled, ...(nameless ? ['nameless'] : []), ...(headings === 1 ? [] : ['h1']), ...(document.documentElement.lang ? [] : ['lang'])];
})()`;
