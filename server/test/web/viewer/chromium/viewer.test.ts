import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newUid } from '../../../../../dicom-bridge/src/identifiers/uid.ts';
import { chromiumForFile, FAULTS, isInstalled, picture } from '../../../identity/chromium/support.ts';
import type { ChromiumPage } from '../../../support/chromium.ts';
import { studyOf } from '../../dicomweb/world.ts';
import { linkTo, visit } from '../links.ts';
import { isInstalled as hasDcmtk } from '../../../../../scripts/services/dcmtk.mjs';
import { openClinic, type Clinic } from './clinic.ts';
import { compressed } from './compressed.ts';
import { quarters } from './pictures.ts';
import { shadesOf, type Shades } from './shades.ts';

const inChromium = isInstalled() ? describe : describe.skip;
/** What the quarters of the test's picture look like in a window that is as wide as their values: by PS3.3 C.11.2.1.2. */
const AS_STORED: Shades = [0, 85, 170, 255];
const INVERTED: Shades = [255, 170, 85, 0];
const TURNED: Shades = [170, 0, 255, 85];
/** Of 255: what rounding on the way to the screen may change. */
const TOLERANCE = 2;
/** A guard against hanging, not a measure. */
const LOOK_MS_MAX = 60_000;

/** A record that was merged into the patient's. */
const MERGED = {
  resourceType: 'Patient',
  id: 'merged',
  name: [{ family: 'Unknown' }],
  link: [{ type: 'replaced-by', other: { reference: 'Patient/ann' } }],
};

const chromium = chromiumForFile();
let clinic: Clinic;
let page: ChromiumPage;
let eye: ChromiumPage;
let link: string;
/** Id of the study that is looked at. */
let current: string;
beforeAll(async () => {
  if (!isInstalled()) return;
  clinic = await openClinic();
  const [now, before] = [newUid(), newUid()];
  await clinic.store(
    before,
    quarters({ photometricInterpretation: 'MONOCHROME1', studyInstanceUid: before, studyDate: '20250109' }),
  );
  const of = {
    photometricInterpretation: 'MONOCHROME2',
    studyInstanceUid: now,
    studyDate: '20260301',
  } as const;
  current = await clinic.store(now, quarters(of), quarters({ ...of, instanceNumber: '2' }));
  await clinic.people.put(MERGED);
  await clinic.people.put(studyOf('lost', newUid(), { reference: 'Patient/merged' }));
  await visit(`${clinic.server.url}/viewer/${current}`).then((answer) => answer.body?.cancel());
  link = (await linkTo(clinic.server, current, clinic.server.authorization)).url;
  [page, eye] = [await chromium().page(), await chromium().page()];
  await page.send('Page.addScriptToEvaluateOnNewDocument', { source: NOTE_FAULTS });
  await page.open(link);
});
afterAll(() => clinic?.stop());

/** What the page's policy forbids, and errors that nobody handles. Cornerstone styles the text of a length, which is fine without. */
const NOTE_FAULTS = `globalThis.faults = [];
addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
  if (violatedDirective !== 'style-src-attr') faults.push(violatedDirective);
});
addEventListener('error', ({ message }) => faults.push(message));
addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)));`;

/** Buttons beyond the edge of the window. */
const BUTTONS_OUT_OF_SIGHT = `[...document.querySelectorAll('#toolbar button')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.innerText)`;

const shown = (pane: number) =>
  page.waitFor(`document.querySelectorAll('.overlay')[${pane}]?.textContent.includes('Zoom')`);
const overlay = () => page.evaluate(`document.querySelector('.overlay').textContent`);
async function press(key: string): Promise<void> {
  const shift = key === key.toUpperCase() && key !== key.toLowerCase() && key.length === 1 ? 8 : 0;
  await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key, modifiers: shift });
  await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key, modifiers: shift });
}

/** Two fingers in the middle of the screen go apart. */
async function pinch(factor: number): Promise<void> {
  const fingers = (apart: number) => [180 - apart, 180 + apart].map((x, id) => ({ x, y: 370, id }));
  const touch = (type: string, touchPoints: object[]) =>
    page.send('Input.dispatchTouchEvent', { type, touchPoints });
  await page.send('Emulation.setTouchEmulationEnabled', { enabled: true, maxTouchPoints: 2 });
  await touch('touchStart', fingers(40));
  for (let step = 1; step <= 5; step += 1)
    await touch('touchMove', fingers(40 * (1 + (step / 5) * (factor - 1))));
  await touch('touchEnd', []);
}

/** Until the screen shows it: what is drawn is not there at once. */
async function looks(expected: Shades, pane = 0): Promise<void> {
  let seen: Shades = [NaN, NaN, NaN, NaN];
  const isSo = () => seen.every((shade, i) => Math.abs(shade - expected[i]!) <= TOLERANCE);
  for (const deadline = Date.now() + LOOK_MS_MAX; !isSo() && Date.now() < deadline;)
    seen = await shadesOf(eye, page, pane);
  expect({ seen, isSo: isSo() }).toEqual({ seen, isSo: true });
}

/** dcmtk's programs that make them, and how: lossless JPEG, its first process with any predictor, RLE, JPEG-LS. */
const SYNTAXES = [['dcmcjpeg', '+e1'], ['dcmcjpeg', '+el'], ['dcmcrle'], ['dcmcjpls']] as const;

async function compressedStudy(): Promise<string> {
  const studyInstanceUid = newUid();
  const images = SYNTAXES.map(([program, ...args], i) => {
    const of = { photometricInterpretation: 'MONOCHROME2', studyInstanceUid, studyDate: '20240101' } as const;
    return compressed(quarters({ ...of, instanceNumber: String(i + 1) }), program, ...args);
  });
  return clinic.store(studyInstanceUid, ...(await Promise.all(images)));
}

inChromium('the viewer', () => {
  test('shows the study of a link, and whose it is', async () => {
    await shown(0);
    await looks(AS_STORED);
    expect(await page.text()).toMatch(/Test, Ann\s+born 1980-02-03/);
    expect(await overlay()).toBe('Image 1 of 2\nWindow 2048 / 4096\nZoom 100 %\nLengths at the detector');
    expect(await page.evaluate('location.search + document.cookie')).toBe('');
    expect(await page.evaluate(FAULTS)).toEqual([]);
    expect(await page.evaluate(BUTTONS_OUT_OF_SIGHT)).toEqual([]);
    await picture(page, 'viewer');
  });

  test('turns, inverts and resets by keys', async () => {
    await press('r');
    await looks(TURNED);
    await press('R');
    await press('i');
    await looks(INVERTED);
    await press('0');
    await looks(AS_STORED);
  });

  test('goes through images, zooms, moves and windows by keys', async () => {
    await press('PageDown');
    await page.waitFor(`document.querySelector('.overlay').textContent.startsWith('Image 2 of 2')`);
    await press('+');
    await page.waitFor(`document.querySelector('.overlay').textContent.includes('Zoom 125 %')`);
    await press('w');
    await press('ArrowRight');
    await page.waitFor(`document.querySelector('.overlay').textContent.includes('Window 2048 / 4301')`);
    await press('0');
    await press('PageUp');
    await looks(AS_STORED);
  });

  test('measures: a quarter is as long as the detector says', async () => {
    await press('m');
    const { left, top, side } = (await page.evaluate(`(() => {
      const { left, top, width, height } = document.querySelector('canvas').getBoundingClientRect();
      const side = Math.min(width, height);
      return { left: left + (width - side) / 2, top: top + (height - side) / 2, side };
    })()`)) as { left: number; top: number; side: number };
    const at = (x: number) => ({
      x: Math.round(left + x * side),
      y: Math.round(top + side / 2),
      button: 'left',
    });
    await page.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at(0.25), clickCount: 1 });
    await page.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at(0.5), buttons: 1 });
    await page.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at(0.75), buttons: 1 });
    await page.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at(0.75), clickCount: 1 });
    await page.waitFor(`/\\d mm/.test(document.querySelector('.image svg')?.textContent)`);
    const text = String(await page.evaluate(`document.querySelector('.image svg').textContent`));
    const length = Number(/([\d.]+) mm/.exec(text)?.[1]);
    expect(Math.abs(length - 32)).toBeLessThan(0.5); // 128 pixels of a quarter of a millimetre
    await picture(page, 'viewer-measured');
    await press('Backspace');
    await page.waitFor(`!/\\d mm/.test(document.querySelector('.image svg')?.textContent)`);
  });

  test('shows another study beside it, which looks the same though its white is zero', async () => {
    await press('c');
    await shown(1);
    await looks(AS_STORED, 1);
    await looks(AS_STORED, 0);
    expect(await page.evaluate(`document.querySelectorAll('.pane h2')[1].textContent`)).toContain(
      '2025-01-09',
    );
    await picture(page, 'viewer-beside');
    await press('i'); // the pane that the reader turned to last
    await looks(INVERTED, 0);
    await looks(AS_STORED, 1);
    await press('c');
    await page.waitFor(`document.querySelectorAll('.pane').length === 1`);
    await press('0');
    await looks(AS_STORED);
  });

  test('offers a study of a record that was merged, and shows no image below its title where it has none', async () => {
    await page.evaluate(`(() => {
      const prior = document.querySelector('#prior');
      prior.value = 'lost';
      prior.dispatchEvent(new Event('change'));
    })()`);
    await page.waitFor(`document.querySelectorAll('.problem')[1]?.hidden === false`);
    const image = `document.querySelectorAll('.pane')[1].querySelector('canvas')`;
    expect(await page.evaluate(`getComputedStyle(${image}).visibility`)).toBe('hidden');
    expect(await page.evaluate(`document.querySelectorAll('.problem')[1].textContent`)).toContain(
      'not in the archive of this server',
    );
    await picture(page, 'viewer-lost');
    await press('c');
    await page.waitFor(`document.querySelectorAll('.pane').length === 1`);
  });

  test('shows who the patient of a merged record is now, and the studies of both', async () => {
    await page.open((await linkTo(clinic.server, 'lost', clinic.server.authorization)).url);
    await page.waitFor(`document.querySelectorAll('#prior option').length === 3`); // with the one that stands for none
    expect(await page.text()).toMatch(/Test, Ann\s+born 1980-02-03/);
    await page.open((await linkTo(clinic.server, current, clinic.server.authorization)).url);
    await shown(0);
  });

  (hasDcmtk() ? test : test.skip)('decodes images that are compressed', async () => {
    const study = await compressedStudy();
    await page.open((await linkTo(clinic.server, study, clinic.server.authorization)).url);
    for (const [i] of SYNTAXES.entries()) {
      await page.waitFor(`document.querySelector('.overlay')?.textContent.startsWith('Image ${i + 1} of 4')`);
      await looks(AS_STORED);
      await press('PageDown');
    }
    await page.open((await linkTo(clinic.server, current, clinic.server.authorization)).url);
    await shown(0);
  });

  test('fits a phone', async () => {
    const phone = { width: 360, height: 740, deviceScaleFactor: 1, mobile: true };
    await page.send('Emulation.setDeviceMetricsOverride', phone);
    await looks(AS_STORED);
    await pinch(2);
    await page.waitFor(`!document.querySelector('.overlay').textContent.includes('Zoom 100 %')`);
    await press('0');
    const box = `document.querySelector('#toolbar').getBoundingClientRect()`;
    expect(
      await page.evaluate(
        `${box}.bottom <= innerHeight && document.documentElement.scrollWidth <= innerWidth`,
      ),
    ).toBe(true);
    await picture(page, 'viewer-phone');
  });

  test('runs into nothing that its policy forbids', async () => {
    expect(await page.evaluate('faults')).toEqual([]);
  });

  test('takes everything off the screen when the visit has ended', async () => {
    await page.send('Network.clearBrowserCookies', {});
    await press('c');
    await page.waitFor(`document.querySelector('#message')?.hidden === false`);
    expect(await page.text()).toBe(
      'This visit has ended. Open the study from the record again to go on looking at it.',
    );
    await page.open(link);
    await page.waitFor(`document.querySelector('#message')?.hidden === false`);
  });
});
