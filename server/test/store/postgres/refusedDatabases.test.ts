import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientConfig } from 'pg';
import { openDatabase } from '../../../src/store/postgres/database.ts';
import { servers } from './servers.ts';

describe.each(servers('tests of refused databases on it'))('connecting to $name', (server) => {
  let running: Awaited<ReturnType<typeof server.start>>;
  let connection: string | ClientConfig;

  beforeAll(async () => {
    running = await server.start();
    connection = running.connection;
  });

  afterAll(() => running.stop());

  test('refuses a database that would not keep what it confirms', async () => {
    const url = withOptions(connection, '-c synchronous_commit=off');
    await expect(openDatabase({ connection: url })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('synchronous_commit = off'),
    });
  });

  test('tells which database cannot be used, but not its password', async () => {
    const wrong = withOptions(connection, '', 'wrong-password-here');
    const error = await openDatabase({ connection: wrong }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('cannot use PostgreSQL at'),
    });
    expect((error as Error).message).not.toContain('wrong-password-here');
  });
});

test('a server that is not there is told after the time given', async () => {
  const error = openDatabase({ connection: 'postgresql://a:b@127.0.0.1:1/c', startTimeoutMs: 100 });
  await expect(error).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('127.0.0.1:1'),
  });
});

test('what is not a URL of PostgreSQL is told by the name of the variable', async () => {
  await expect(openDatabase({ connection: 'mysql://x' })).rejects.toThrow('DATABASE_URL');
});

function withOptions(
  connection: string | ClientConfig,
  options: string,
  password?: string,
): string | ClientConfig {
  if (typeof connection !== 'string')
    return { ...connection, options, ...(password !== undefined && { password }) };
  const credentials = password === undefined ? connection : connection.replace(/:[^:@/]+@/, `:${password}@`);
  return options ? `${credentials}?options=${encodeURIComponent(options)}` : credentials;
}
