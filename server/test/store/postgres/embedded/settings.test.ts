import { expect, test } from '@jest/globals';
import { cacheMib, postmasterArguments } from '../../../../src/store/postgres/embedded/settings.ts';

const GIBIBYTE = 2 ** 30;

test.each([
  [0.5, 128],
  [4, 512],
  [16, 2048],
  [256, 2048],
])('of %d GiB of memory, PostgreSQL may take %d MiB for its cache', (gibibytes, mebibytes) => {
  expect(cacheMib(gibibytes * GIBIBYTE)).toBe(mebibytes);
});

test('what is promised stands on the command line', () => {
  const settings = postmasterArguments('/cluster', '/socket', 1);
  for (const setting of ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on', 'listen_addresses='])
    expect(settings).toContain(setting);
});
