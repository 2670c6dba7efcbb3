import { expect, test } from '@jest/globals';
import { readConfig } from '../../../src/config.ts';
import { openStoreForTools } from '../../../src/cli/openStore.ts';
import { testConnection } from '../../support/postgres.ts';
import { urlOf } from '../../support/server.ts';

test('a store that is not there is told, and not made', async () => {
  const databaseUrl = urlOf(await testConnection());
  const config = { ...readConfig({}), databaseUrl, databaseSchema: 'mistyped' };
  await expect(openStoreForTools(config)).rejects.toThrow('no store "mistyped"');
  await expect(openStoreForTools(config)).rejects.toThrow('no store "mistyped"');
});
