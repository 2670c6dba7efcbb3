import { afterAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BundledPages } from '../../../src/web/viewer/pages.ts';
import { visitCookie, visitOf } from '../../../src/web/viewer/visitCookie.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'maxray-pages-'));
afterAll(() => rmSync(root, { recursive: true }));

function bundleInto(folder: string): void {
  mkdirSync(path.join(folder, '_assets'), { recursive: true });
  writeFileSync(path.join(folder, 'index.html'), '<h1>');
  writeFileSync(path.join(folder, '_assets/a.js'), 'a');
  writeFileSync(path.join(folder, '_assets/a.js.gz'), 'gz');
}

test('pages are made once for all who ask, and are there then', async () => {
  const folder = path.join(root, 'made');
  let made = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const pages = new BundledPages({
    folder: () => folder,
    make: () => promise.then(() => void (made += 1)),
    onFailed: () => undefined,
  });
  expect([await pages.get(), await pages.get()]).toEqual(['being made', 'being made']);
  bundleInto(folder);
  resolve();
  const files = await pages.get();
  expect(made).toBe(1);
  expect(files).toEqual(
    new Map([
      ['index.html', { contentType: 'text/html; charset=utf-8', bytes: Buffer.from('<h1>') }],
      [
        '_assets/a.js',
        { contentType: 'text/javascript; charset=utf-8', bytes: Buffer.from('a'), gzip: Buffer.from('gz') },
      ],
    ]),
  );
});

test('where they cannot be made, it is told once and not tried again at once', async () => {
  const failures: unknown[] = [];
  const pages = new BundledPages({
    folder: () => path.join(root, 'none'),
    make: () => Promise.reject(new Error('no room')),
    onFailed: (error) => failures.push(error),
  });
  expect(await pages.get()).toBe('being made');
  await new Promise((resolve) => setImmediate(resolve));
  expect([await pages.get(), await pages.get()]).toEqual(['cannot be made', 'cannot be made']);
  expect(failures).toEqual([new Error('no room')]);
});

test('a cookie is of one page of one tenant, and sent over TLS where that is used', () => {
  const id = 'A'.repeat(32);
  const cookie = visitCookie(id, 59.9, 'https://maxray.example/t/city/viewer/s1');
  expect(cookie).toBe(
    `maxray_visit=${id}; Path=/t/city/viewer/s1; Max-Age=59; HttpOnly; SameSite=Strict; Secure`,
  );
  expect(visitOf({ headers: { cookie: `a=b; maxray_visit=${id}; c=d` } } as never)).toBe(id);
  expect(visitOf({ headers: { cookie: `x_maxray_visit=${id}` } } as never)).toBeUndefined();
});
