import { afterAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { takeOwnership } from '../../../../src/store/postgres/embedded/ownership.ts';
import { isAlive, startOf } from '../../../../src/store/postgres/embedded/processes.ts';
import { temporaryFolders } from './support.ts';

const folders = temporaryFolders();
afterAll(() => folders.removeAll());

describe('ownership of a data folder', () => {
  test('is taken by one, given up, and taken by the next', async () => {
    const owners = path.join(folders.make(), 'owners');
    const giveUp = await takeOwnership(owners, '/data');
    await expect(takeOwnership(owners, '/data')).rejects.toThrow(
      `data folder /data is in use by process ${process.pid}`,
    );
    giveUp();
    (await takeOwnership(owners, '/data'))();
    expect(readdirSync(owners)).toEqual([]);
  });

  test('of a process that is dead, or whose number another process has now, counts for nothing', async () => {
    const owners = path.join(folders.make(), 'owners');
    mkdirSync(owners);
    const dead = spawnSync('true').pid;
    writeFileSync(path.join(owners, `${dead}-123-1`), 'holds');
    writeFileSync(path.join(owners, `.${dead}-123-1`), 'holds');
    writeFileSync(path.join(owners, `${process.ppid}-1-1`), 'holds');
    const giveUp = await takeOwnership(owners, '/data');
    expect(readdirSync(owners)).toHaveLength(1);
    giveUp();
  });

  test('goes to exactly one of many that want it at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const owners = path.join(folders.make(), 'owners');
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, () => takeOwnership(owners, '/data')),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('rests on what is known of processes', () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(spawnSync('true').pid)).toBe(false);
    expect(startOf(process.pid)).toBe(startOf(process.pid));
    expect(startOf(process.pid)).toMatch(/^\d*$/);
  });
});
