import { test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A disk of a few MiB in memory. */
export interface SmallDisk {
  folder: string;
  freeBytes(): number;
  /** Leaves so much free. */
  fill(leftBytes: number): void;
  /** Takes away what fills it. */
  empty(): void;
  unmount(): void;
}

/** Mounts one. @throws Error where that is not allowed */
export function mountSmallDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'maxray-disk-'));
  const filler = path.join(folder, 'filler');
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' });
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  const empty = () => rmSync(filler, { force: true });
  return {
    folder,
    freeBytes,
    fill: (leftBytes) => {
      empty();
      writeFileSync(filler, Buffer.alloc(freeBytes() - leftBytes));
    },
    empty,
    unmount: () => {
      execFileSync('umount', [folder], { stdio: 'pipe' });
      rmSync(folder, { recursive: true });
    },
  };
}

function mayMount(): boolean {
  try {
    mountSmallDisk(65_536).unmount();
    return true;
  } catch {
    return false;
  }
}

/** `test` where disks may be mounted, which takes root; skips elsewhere, which is a failure in CI. */
export const testWithSmallDisk = mayMount() ? test : test.skip;
